import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { objectAt, parseJson, stringAt } from '../src/lib/index.ts';
import { groupOf, healthOf, type Health, type KubeObject } from '../src/objects/index.ts';
import agreement from './health-agreement.json' with { type: 'json' };

const folder = fileURLToPath(new URL('../../shared/oracles/health/', import.meta.url));
const isThere = existsSync(folder);
const now = '2026-01-01T00:00:00Z';

/** A difference that was looked at: where it occurs, who says what, and why Toryo differs. */
interface Difference {
  readonly in: string;
  readonly kinds?: readonly string[];
  readonly cases?: readonly string[];
  readonly theirs: string;
  readonly ours: string;
  /** What Toryo's sentence starts with. */
  readonly says?: string;
  readonly why: string;
}

interface Case {
  readonly source: string;
  readonly kind: string;
  readonly name: string;
  readonly theirs: string;
  readonly health: Health;
  readonly isSame: boolean;
}

const states: Readonly<Record<string, string>> = {
  Current: 'healthy',
  InProgress: 'progressing',
  Failed: 'failed',
  Healthy: 'healthy',
  Progressing: 'progressing',
  Degraded: 'failed',
  Suspended: 'suspended',
  Unknown: 'unknown',
};
const stateOf = (health: Health): string => (health.isSuspended === true ? 'suspended' : health.state);

function read(source: string): readonly Case[] {
  const lines = readFileSync(`${folder}${source}.jsonl`, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const row = parseJson(line.replaceAll('$NOW', now));
    const given = objectAt(row, 'object');
    // Some are written without metadata, which no server would store.
    const object = { metadata: {}, ...given } as unknown as KubeObject;
    const health = healthOf(object, now);
    const theirs = stringAt(row, 'expectedStatus') ?? 'none';
    const kind = stringAt(row, 'kind') ?? object.kind;
    const group = stringAt(row, 'group') ?? groupOf(object.apiVersion);
    return {
      source,
      kind: source === 'argo' ? `${group}/${kind}` : kind,
      name: stringAt(row, 'name') ?? stringAt(row, 'case') ?? '',
      theirs,
      health,
      isSame: states[theirs] === stateOf(health),
    };
  });
}

const differences: readonly Difference[] = agreement.differences;
const fits = (asked: string, is: string): boolean => asked === 'any' || asked === is;

function isMeant(one: Case, difference: Difference): boolean {
  const { kinds, cases, says } = difference;
  const group = one.kind.slice(0, one.kind.indexOf('/'));
  return (
    difference.in === one.source &&
    fits(difference.theirs, one.theirs) &&
    fits(difference.ours, stateOf(one.health)) &&
    (kinds === undefined || kinds.some((kind) => kind === one.kind || kind === `${group}/*`)) &&
    (cases === undefined || cases.includes(one.name)) &&
    (says === undefined || one.health.why.startsWith(says))
  );
}

const intended = (one: Case): Difference | undefined =>
  one.isSame ? undefined : differences.find((difference) => isMeant(one, difference));

function count(cases: readonly Case[]): { cases: number; same: number; intended: number } {
  return {
    cases: cases.length,
    same: cases.filter((one) => one.isSame).length,
    intended: cases.filter((one) => intended(one) !== undefined).length,
  };
}

/** Kinds of Kubernetes itself and of what Toryo's add-ons bring: here every difference must be a reviewed one. */
const catalogue =
  /^(apiextensions\.k8s\.io|batch|policy|cert-manager\.io|certmanager\.k8s\.io|external-secrets\.io|karpenter\.(sh|k8s\.aws)|gateway\.networking\.k8s\.io|projectcontour\.io|monitoring\.coreos\.com|snapshot\.storage\.k8s\.io)\/|^argoproj\.io\/ApplicationSet$/;

const told = (cases: readonly Case[]): readonly string[] =>
  cases
    .filter((one) => !one.isSame && intended(one) === undefined)
    .map((one) => `${one.kind} ${one.name}: ${one.theirs}, ours ${stateOf(one.health)} (${one.health.why})`);

describe.skipIf(!isThere)('health (skipped without ../shared/oracles/health)', () => {
  const [kstatus, builtIn, argo] = isThere
    ? [read('kstatus'), read('argo-builtin'), read('argo')]
    : [[], [], []];
  const known = argo.filter((one) => catalogue.test(one.kind));

  it('of known kinds is what others say, or a difference that was looked at', () => {
    expect(told(kstatus)).toEqual([]);
    expect(told(builtIn)).toEqual([]);
    expect(told(known)).toEqual([]);
  });

  it('agrees as often as the documentation says', () => {
    const figures = {
      kstatus: count(kstatus),
      'argo-builtin': count(builtIn),
      argo: count(argo),
      catalogue: count(known),
    };
    const text = Object.entries(figures).map(
      ([name, one]) =>
        `${name} ${one.same + one.intended}/${one.cases} (${one.intended} intended differences)`,
    );
    // For those who look at the run.
    process.stderr.write(`health: ${text.join(', ')}\n`);
    expect(figures, 'write what is new into test/health-agreement.json, and never a smaller number').toEqual(
      agreement.figures,
    );
    expect((figures.argo.same + figures.argo.intended) / figures.argo.cases).toBeGreaterThan(0.9);
  });

  it('has no reviewed difference that is none', () => {
    const all = [...kstatus, ...builtIn, ...argo];
    const idle = differences.filter((difference) => !all.some((one) => intended(one) === difference));
    expect(idle.map(({ why }) => why)).toEqual([]);
  });
});
