import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  importPolicies,
  isCovered,
  policyVerdict,
  readPolicies,
  sidesOf,
  type ImportedPolicy,
  type Psp,
} from '../src/guard/index.ts';
import type { KubeObject, PodParts } from '../src/objects/index.ts';

const folder = fileURLToPath(new URL('../../shared/oracles/psp/', import.meta.url));
const isThere = existsSync(folder);

interface Row {
  readonly field: string;
  readonly psp: KubeObject;
  readonly allowed: KubeObject | null;
  readonly disallowed: KubeObject | null;
}

const textOf = (file: string): string => (isThere ? readFileSync(`${folder}${file}`, 'utf8') : '');
const tell = (text: string): boolean => process.stderr.write(`${text}\n`);
const wish = { version: '1.35', isExact: false };

interface Imported {
  readonly policy: Psp;
  readonly imported: ImportedPolicy;
}

function importedFrom(text: string, file = 'psp.jsonl'): readonly Imported[] {
  const sources = readPolicies([{ file, text }]).value;
  if (sources === undefined) throw new Error('it cannot be read');
  const { profiles } = importPolicies(sources, wish);
  return sources.policies.map((policy, index) => ({ policy, imported: profiles[index]! }));
}

const partsOf = ({ metadata, ...object }: KubeObject): PodParts => ({
  metadata,
  spec: object['spec'] as PodParts['spec'],
});

/** What is wrong with the answers about one pod, which the policy is known to let in or not. */
function mistakes({ policy, imported }: Imported, pod: PodParts, isAllowed: boolean): readonly string[] {
  const old = policyVerdict(pod, policy, wish.version).refusals;
  const ground = { policies: [policy], profile: imported.imported.profile, version: wish.version };
  const now = sidesOf(ground).profile(pod);
  const direction = now.length === 0 ? 'looser' : 'stricter';
  const isTold = isCovered(pod, ground, imported.comparison.differences, direction);
  return [
    ...((old.length === 0) === isAllowed ? [] : [`policy: ${JSON.stringify(old)}`]),
    ...((now.length === 0) === isAllowed || isTold ? [] : [`profile: ${JSON.stringify(now)}`]),
  ];
}

describe.skipIf(!isThere)('PodSecurityPolicies (skipped without ../shared/oracles/psp)', () => {
  it('answer about good and bad pods of each field as they should, and so do their profiles', () => {
    const rows = textOf('migration.jsonl')
      .trimEnd()
      .split('\n')
      .map((line): Row => JSON.parse(line));
    const answers = rows.flatMap(({ field, psp, allowed, disallowed }) => {
      const [imported] = importedFrom(JSON.stringify(psp), 'psp.yaml');
      return [
        { pod: allowed, isAllowed: true },
        { pod: disallowed, isAllowed: false },
      ].flatMap(({ pod, isAllowed }) =>
        pod === null ? [] : [{ field, isAllowed, wrong: mistakes(imported!, partsOf(pod), isAllowed) }],
      );
    });
    const wrong = answers.filter((one) => one.wrong.length > 0);
    tell(`psp migration ${answers.length - wrong.length}/${answers.length}, ${rows.length} policies`);
    expect(wrong).toEqual([]);
  });

  it('of a real private cloud all become profiles', () => {
    const all = importedFrom(textOf('neco.jsonl'));
    const classes = all.map(({ imported }) => imported.comparison.differences);
    const count = classes.filter((one) => one.length === 0).length;
    const remote = new Set(['seccomp annotations', 'Windows pods']);
    const near = classes.filter((one) => one.every(({ aspect }) => remote.has(aspect))).length;
    const sum = classes.reduce((total, one) => total + one.length, 0);
    tell(
      `psp neco ${all.length} policies: ${count} equivalent, ${near} but for annotations of seccomp and Windows pods; ${sum} classes of differences`,
    );
    const lines = textOf('neco.jsonl').trimEnd().split('\n');
    const objects = new Set(lines.map((line) => JSON.stringify(JSON.parse(line).object)));
    expect(all).toHaveLength(objects.size);
    expect(all.every(({ imported }) => imported.comparison.isUsable)).toBe(true);
  });

  it('of the strict kind differ in the three named ways', () => {
    const strict = importedFrom(textOf('neco.jsonl')).filter(
      ({ policy, imported }) =>
        policy.runAsUser.rule === 'MustRunAsNonRoot' && imported.level === 'restricted',
    );
    const own = (securityContext: object, container: object): PodParts => ({
      metadata: {},
      spec: { securityContext, containers: [{ name: 'a', image: 'a', securityContext: container }] },
    });
    const named = [
      ['stricter', own({ runAsNonRoot: false }, { runAsNonRoot: true })],
      ['stricter', own({ runAsNonRoot: false }, { runAsNonRoot: true, runAsUser: 1000 })],
      ['looser', own({ seccompProfile: { type: 'RuntimeDefault' } }, {})],
    ] as const;
    expect(strict.length).toBeGreaterThan(0);
    for (const { policy, imported } of strict) {
      const ground = { policies: [policy], profile: imported.imported.profile, version: wish.version };
      const sides = sidesOf(ground);
      for (const [direction, pod] of named) {
        expect(isCovered(pod, ground, imported.comparison.differences, direction)).toBe(true);
        expect(sides.policies(pod).length === 0).toBe(direction === 'stricter');
        expect(sides.profile(pod).length === 0).toBe(direction === 'looser');
      }
    }
  });
});
