import { expect, it } from 'vitest';
import { shapeMistakes } from '../../../src/guard/index.ts';
import { statusOf } from '../../../src/kube/index.ts';
import { object, TestServer } from '../kube/server.ts';

const cases: readonly (readonly [container: object, replicas?: unknown])[] = [
  [{}],
  [{}, 'two'],
  [{}, -1],
  [{}, 1.5],
  [{}, null],
  [{}, 0],
  ...['abc', '1 Gi', '64MI', '', true].map((cpu) => [{ resources: { limits: { cpu } } }] as const),
  ...['100m', '1.5Gi', 1, 0.5, '1e3', '.5', '2E', '+1', '1.', null].map(
    (cpu) => [{ resources: { limits: { cpu } } }] as const,
  ),
  ...[70_000, -1, 65_535].map((containerPort) => [{ ports: [{ containerPort }] }] as const),
  ...[70_000, -1, 0].map((hostPort) => [{ ports: [{ containerPort: 1, hostPort }] }] as const),
  ...['Web', 'a-name-that-is-long', '8080', '-a', 'a-', 'a--b', 'a_b', 'http-2', '2a', ''].map(
    (name) => [{ ports: [{ containerPort: 80, name }] }] as const,
  ),
];

it('values that are told are those that a real API server refuses', { timeout: 300_000 }, async () => {
  const server = await TestServer.start('1.35');
  try {
    const wrong: string[] = [];
    for (const [container, replicas = 1] of cases) {
      const deployment = {
        ...object('apps/v1', 'Deployment', 'web', 'default'),
        spec: {
          replicas,
          selector: { matchLabels: { a: 'b' } },
          template: {
            metadata: { labels: { a: 'b' } },
            spec: { containers: [{ name: 'web', image: 'web', ...container }] },
          },
        },
      };
      const ours = shapeMistakes(deployment);
      const theirs = await server.client.create(deployment, { dryRun: true }).then(
        () => undefined,
        (error: unknown) => statusOf(error)?.message ?? String(error),
      );
      if ((theirs === undefined) !== (ours.length === 0))
        wrong.push(
          `${JSON.stringify([container, replicas])}: ours ${ours.map(({ sentence }) => sentence).join()}; theirs ${theirs ?? ''}`,
        );
    }
    expect(wrong).toEqual([]);
  } finally {
    await server.stop();
  }
});
