import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { admittedPod, guardOf, podRules, podViolations, type Guard } from '../../../src/guard/index.ts';
import { canonical, labels } from '../../../src/lib/index.ts';
import { statusOf } from '../../../src/kube/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { sandboxVersions, type SandboxVersion } from '../../../src/sandbox/index.ts';
import { object, type TestServer } from '../kube/server.ts';
import { generatedPods, podMakers } from './generated-pods.ts';
import { guardedNamespace, guardedServer, inParallel, titleFor } from './parity-server.ts';
import { profiles } from './profiles.ts';

const folder = fileURLToPath(new URL('../../../../shared/oracles/psa/', import.meta.url));
const oraclePods: readonly KubeObject[] = existsSync(folder)
  ? readFileSync(`${folder}pods.jsonl`, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line): { pod: KubeObject } => JSON.parse(line))
      .map(({ pod }) => pod)
  : [];

/** What a policy told, without its own name and that of its binding. */
const told = /TRY-SEC-\d{3} .*$/s;

function guardFor(profile: (typeof profiles)[number], version: SandboxVersion): Guard {
  const waivers =
    profile.name === 'images'
      ? [{ name: 'proxy', rule: 'TRY-SEC-029', container: 'proxy', serviceAccount: 'speaker' }]
      : [];
  const serviceAccounts = {};
  return guardOf({ name: profile.name, profile, serviceAccounts, waivers, serviceTypes: [] }, version);
}

/** Every question of one version: each distinct oracle pod under every profile, generated ones of every kind under one. */
function questions(): readonly KubeObject[] {
  const distinct = new Map(
    oraclePods.map((pod) => [canonical([pod['spec'], pod.metadata.annotations]), pod]),
  );
  const oracles = [...distinct.values()].flatMap((pod, index) =>
    profiles.map(({ name }) => ({
      ...pod,
      metadata: { ...pod.metadata, name: `oracle-${index}`, namespace: `try-${name}` },
    })),
  );
  const generated = generatedPods(3000, 20_261_121).flatMap((pod, index) => {
    const annotations: Readonly<Record<string, string>> =
      index % 5 === 0 ? { 'container.apparmor.security.beta.kubernetes.io/web': 'localhost/strict' } : {};
    const make = podMakers[index % podMakers.length];
    if (make === undefined) return [];
    const { apiVersion, kind, more } = make(pod, annotations);
    const profile = profiles[(index * 7) % profiles.length]?.name ?? '';
    const one = object(apiVersion, kind, `generated-${index}`, `try-${profile}`);
    const metadata = kind === 'Pod' ? { ...one.metadata, annotations } : one.metadata;
    return [JSON.parse(JSON.stringify({ ...one, metadata, ...more }))];
  });
  return [...oracles, ...generated];
}

/** What we find, as the server would tell it. */
function ours(one: KubeObject, version: SandboxVersion): readonly string[] {
  const profile = profiles.find(({ name }) => `try-${name}` === one.metadata.namespace);
  const pod = admittedPod(one, version);
  if (profile === undefined || pod === undefined) throw new Error(titleFor(one));
  const { waivers } = guardFor(profile, version).spec;
  const account = pod.spec['serviceAccountName'] ?? 'default';
  const mine = waivers.filter(({ serviceAccount }) => serviceAccount === account);
  return podViolations(pod, podRules(profile, version), mine).map(({ sentence }) => sentence);
}

async function compare(
  server: TestServer,
  one: KubeObject,
  version: SandboxVersion,
): Promise<string | undefined> {
  const found = [...ours(one, version)].sort();
  try {
    const { warnings } = await server.client.apply(one, { fieldManager: 'test', dryRun: true });
    const theirs = warnings
      .filter((warning) => warning.startsWith('Validation failed'))
      .map((warning) => told.exec(warning)?.[0] ?? warning)
      .sort();
    const isSame =
      found.length === theirs.length && found.every((text, index) => text.startsWith(theirs[index] ?? '?'));
    return isSame
      ? ''
      : `${titleFor(one)}\n  theirs: ${theirs.join('\n    ')}\n  ours: ${found.join('\n    ')}`;
  } catch (error) {
    const code = statusOf(error)?.code ?? 0;
    // No pod at all for the API server.
    if (code === 422 || code === 400) return undefined;
    return `${titleFor(one)}: ${String(error)}`;
  }
}

/** What each version was asked, for the line at the end. */
const asked: { readonly pods: number; readonly differences: number }[] = [];

afterAll(() => {
  const pods = Math.min(...asked.map((one) => one.pods));
  const differences = asked.reduce((sum, one) => sum + one.differences, 0);
  process.stderr.write(`parity ${pods} pods x ${asked.length} versions, ${differences} differences\n`);
});

describe('profiles, here and on real API servers', () => {
  it.each(sandboxVersions)('say the same on %s', { timeout: 600_000 }, async (version) => {
    const guards = profiles.map((profile) => guardFor(profile, version));
    const [strictest] = guards;
    if (strictest === undefined) throw new Error('no profile');
    const server = await guardedServer(version, {
      enforced: [],
      tried: guards.map((guard) => ({ guard, as: 'warn' })),
      fallback: strictest.spec,
      version,
    });
    try {
      for (const name of ['gvisor', 'kata'])
        await server.client.create({ ...object('node.k8s.io/v1', 'RuntimeClass', name), handler: 'runc' });
      for (const [index, guard] of guards.entries())
        await guardedNamespace(server, `try-${profiles[index]?.name ?? ''}`, guard, labels.trial);
      const all = questions();
      const wrong: string[] = [];
      let invalid = 0;
      await inParallel(all, async (one) => {
        const difference = await compare(server, one, version);
        if (difference === undefined) invalid += 1;
        else if (difference !== '') wrong.push(difference);
      });
      asked.push({ pods: all.length - invalid, differences: wrong.length });
      process.stderr.write(
        `parity ${all.length - invalid} pods on ${version} (${invalid} that no API server takes), ${wrong.length} differences\n`,
      );
      expect(wrong.slice(0, 20)).toEqual([]);
    } finally {
      await server.stop();
    }
  });
});
