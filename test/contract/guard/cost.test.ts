import { describe, expect, it } from 'vitest';
import { labels } from '../../../src/lib/index.ts';
import { guardedNamespace, guardedServer } from './parity-server.ts';
import { badPod, goodPod, longGuard, type Size } from './large-pods.ts';

const sizes: Readonly<Record<string, Size>> = {
  'many containers': { containers: 300, ports: 6, mounts: 6, volumes: 100 },
  'many ports': { containers: 200, ports: 10, mounts: 0, volumes: 1 },
  'many volumes, mounted everywhere': { containers: 100, ports: 1, mounts: 100, volumes: 200 },
  'many volumes': { containers: 2, ports: 1, mounts: 400, volumes: 400 },
};

describe('the budget of an API server for policies', () => {
  it.each(['1.33', '1.36'] as const)(
    'is enough for large pods on %s',
    { timeout: 300_000 },
    async (version) => {
      const guard = longGuard(version);
      const told = { name: 'warn.long', spec: guard.spec };
      const server = await guardedServer(version, {
        enforced: [guard],
        tried: [{ guard: told, as: 'warn' }],
        fallback: guard.spec,
        version,
      });
      try {
        await guardedNamespace(server, 'held', guard);
        await guardedNamespace(server, 'tried', told, labels.trial);
        for (const [name, size] of Object.entries(sizes)) {
          const good = await server.client.apply(goodPod('held', size), {
            fieldManager: 'test',
            dryRun: true,
          });
          expect([name, good.outcome]).toEqual([name, 'created']);
          const { warnings } = await server.client.apply(badPod('tried', size), {
            fieldManager: 'test',
            dryRun: true,
          });
          const failed = warnings.filter((text) => text.startsWith('Validation failed'));
          expect([name, failed.filter((text) => !/: TRY-SEC-\d{3} /.test(text))]).toEqual([name, []]);
          expect(failed.length).toBeGreaterThan(9);
        }
      } finally {
        await server.stop();
      }
    },
  );

  it('is refused what exceeds it', { timeout: 120_000 }, async () => {
    const guard = longGuard('1.33');
    const server = await guardedServer('1.33', {
      enforced: [guard],
      tried: [],
      fallback: guard.spec,
      version: '1.33',
    });
    try {
      await guardedNamespace(server, 'held', guard);
      const good = goodPod('held', { containers: 300, ports: 20, mounts: 0, volumes: 1 });
      // Nothing is wrong with it but its ports, which are too many to be looked at.
      const body = JSON.stringify(good).replaceAll(
        /"containerPort":(\d+)/g,
        '"containerPort":$1,"hostPort":$1',
      );
      const path = '/api/v1/namespaces/held/pods?dryRun=All';
      const { status, text } = await server.client.raw('POST', path, { body });
      expect([status, text]).toEqual([422, expect.stringContaining('actual cost limit exceeded')]);
    } finally {
      await server.stop();
    }
  });
});
