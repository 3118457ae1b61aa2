import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  admittedPod,
  podSecurityMessage,
  podSecurityVersions,
  podSecurityViolations,
} from '../src/guard/index.ts';
import type { KubeObject, PodParts } from '../src/objects/index.ts';

const folder = fileURLToPath(new URL('../../shared/oracles/psa/', import.meta.url));
const isThere = existsSync(folder);

interface Told {
  readonly reason: string;
  readonly detail: string;
}

interface PodRow {
  readonly level: 'baseline' | 'restricted';
  readonly version: string;
  readonly verdict: 'pass' | 'fail';
  readonly control: string;
  readonly forbidden: readonly Told[];
  readonly pod: KubeObject;
}

interface MessageRow extends Partial<Told> {
  readonly check: string;
  readonly level: 'baseline' | 'restricted';
  readonly since: string;
  readonly case: string;
  readonly allowed: boolean;
  readonly pod: Partial<PodParts>;
}

const linesOf = (file: string): readonly string[] =>
  isThere ? readFileSync(`${folder}${file}`, 'utf8').trimEnd().split('\n') : [];

const text = (told: readonly Told[]): string =>
  told.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');

/** The rows that do not agree, and the figure for those who look at the run. */
function disagreeing<T>(name: string, rows: readonly T[], compare: (row: T) => string): readonly string[] {
  const wrong = rows.map(compare).filter((difference) => difference !== '');
  process.stderr.write(`${name} ${rows.length - wrong.length}/${rows.length}\n`);
  return wrong;
}

const differs = (name: string, theirs: string, ours: string): string =>
  theirs === ours ? '' : `${name}: ${theirs || 'nothing'}; ours: ${ours || 'nothing'}`;

describe.skipIf(!isThere)('Pod Security (skipped without ../shared/oracles/psa)', () => {
  const pods = linesOf('pods.jsonl').map((line): PodRow => JSON.parse(line));
  const messages = linesOf('messages.jsonl').map((line): MessageRow => JSON.parse(line));

  it('gives every pod the verdict of the API server, in its words', () => {
    const wrong = disagreeing('psa', pods, (row) => {
      const policy = { level: row.level, version: row.version };
      const violations = podSecurityViolations(admittedPod(row.pod) ?? { metadata: {}, spec: {} }, policy);
      const name = `${row.level} ${row.version} ${row.verdict} ${row.control}`;
      const theirs = `violates PodSecurity "${row.level}:${row.version}": ${text(row.forbidden)}`;
      const isFailing = violations.length > 0;
      if (isFailing !== (row.verdict === 'fail')) return `${name}: ours ${isFailing ? 'fail' : 'pass'}`;
      return differs(name, theirs, podSecurityMessage(violations, policy));
    });
    expect(wrong).toEqual([]);
  });

  it('says of every control what the API server says', () => {
    const wrong = disagreeing('psa messages', messages, (row) => {
      const pod = { metadata: row.pod.metadata ?? {}, spec: row.pod.spec ?? {} };
      const violations = podSecurityViolations(pod, { level: row.level, version: row.since });
      const ours = text(violations.filter((one) => one.control === row.check));
      const { reason = '', detail = '' } = row;
      return differs(
        `${row.check} ${row.since} ${row.case}`,
        row.allowed ? '' : text([{ reason, detail }]),
        ours,
      );
    });
    expect(wrong).toEqual([]);
  });

  it('knows as many versions as they do', () => {
    const minors = pods.map(({ version }) => Number(version.slice('v1.'.length)));
    expect(podSecurityVersions).toEqual({
      oldest: `v1.${Math.min(...minors)}`,
      newest: `v1.${Math.max(...minors)}`,
    });
  });
});
