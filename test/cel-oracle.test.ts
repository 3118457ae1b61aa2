import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '../src/cel/testing/cel-rows.ts';
import {
  ruleParts,
  runConditions,
  runMatch,
  type AccessAnswer,
  type AccessCheck,
  type AdmissionRequest,
  type Equivalent,
} from '../src/guard/testing/policy-rows.ts';

const folder = fileURLToPath(new URL('../../shared/oracles/kube-cel/', import.meta.url));
const isThere = existsSync(folder);

const linesOf = (file: string): readonly string[] =>
  isThere ? readFileSync(`${folder}${file}`, 'utf8').trimEnd().split('\n') : [];

/** Rows that do not agree although they could, each with the reason. */
const misses: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('cel-agreement.json', import.meta.url), 'utf8'),
);

/** The rows that do not agree and are not on the list, those on it that do, and the figure for those who look at the run. */
function disagreeing<T>(
  suite: string,
  rows: readonly T[],
  compare: (row: T) => readonly [name: string, difference: string],
): readonly string[] {
  const wrong = rows.map(compare).filter(([, difference]) => difference !== '');
  process.stderr.write(`${suite} ${rows.length - wrong.length}/${rows.length}\n`);
  for (const [name, difference] of wrong) process.stderr.write(`  ${suite} ${name}: ${difference}\n`);
  const found = new Set(wrong.map(([name]) => `${suite} ${name}`));
  const stale = Object.keys(misses).filter((name) => name.startsWith(`${suite} `) && !found.has(name));
  return [
    ...[...found].filter((name) => !Object.hasOwn(misses, name)),
    ...stale.map((name) => `agrees: ${name}`),
  ];
}

interface LibraryRow {
  readonly library: string;
  readonly expr: string;
  readonly expected?: unknown;
  readonly error?: string;
  readonly errorMatch?: 'exact' | 'regex';
  readonly compileErrors?: readonly string[];
}

function libraryDifference(row: LibraryRow): string {
  const ran = run(row.expr);
  const got = JSON.stringify(ran);
  if (row.compileErrors !== undefined) {
    const isSo = row.compileErrors.every((one) => new RegExp(one).test(ran.compileError ?? ''));
    return isSo ? '' : `${row.compileErrors.join()}; ours: ${got}`;
  }
  if (row.error !== undefined) {
    const error = ran.error ?? '';
    const isSo = row.errorMatch === 'exact' ? error === row.error : new RegExp(row.error).test(error);
    return isSo && error !== '' ? '' : `${row.error}; ours: ${got}`;
  }
  const wanted = JSON.stringify(row.expected);
  return JSON.stringify(ran.value) === wanted ? '' : `${wanted}; ours: ${got}`;
}

interface Decision {
  readonly decision: 'allow' | 'deny' | 'noOpinion';
  readonly reason?: string;
  readonly error?: string;
}

interface ConditionRow {
  readonly suite: 'condition' | 'budget';
  readonly name: string;
  readonly expressions: readonly string[];
  readonly results?: readonly { readonly value?: unknown; readonly errorContains?: string }[];
  readonly object: unknown;
  readonly oldObject: unknown;
  readonly request: AdmissionRequest & { readonly subResource?: string };
  readonly params?: unknown;
  readonly hasParamKind: boolean;
  readonly namespaceObject?: unknown;
  readonly authorizer?: {
    readonly default: Decision;
    readonly match?: Readonly<Record<string, unknown>>;
    readonly matchResult?: Decision;
  };
  readonly perCallLimit?: number;
  readonly compatibilityVersion?: string;
  readonly environment?: string;
  readonly budget?: number;
  readonly remaining?: number;
  readonly exceedBudget?: boolean;
  readonly exceedPerCallLimit?: boolean;
}

const answerOf = ({ decision, reason, error }: Decision): AccessAnswer => ({
  isAllowed: decision === 'allow',
  ...(reason === undefined ? {} : { reason }),
  ...(error === undefined ? {} : { error }),
});

/** The one request that the row's authorizer knows, as a check. */
function isMatch(match: Readonly<Record<string, unknown>>, check: AccessCheck): boolean {
  const account = check.serviceAccount;
  const user = account && `system:serviceaccount:${account.namespace}:${account.name}`;
  if (match['resourceRequest'] === false) return match['path'] === check.path && match['verb'] === check.verb;
  const isBroken = (name: string): boolean => match[`${name}Error`] !== undefined;
  const selector = (name: 'fieldSelector' | 'labelSelector'): boolean => {
    const wanted = match[name];
    if (isBroken(name)) return check[name] !== undefined;
    return (Array.isArray(wanted) ? wanted.join() : '') === (check[name] ?? '');
  };
  const fields = ['group', 'resource', 'subresource', 'namespace', 'name', 'verb'] as const;
  return (
    fields.every((field) => (match[field] ?? '') === (check[field] ?? '')) &&
    selector('fieldSelector') &&
    selector('labelSelector') &&
    (match['user'] ?? '') === (user ?? '')
  );
}

interface CostRow {
  readonly expr: string;
  readonly runtime: number;
  readonly result?: unknown;
}

type Ran = ReturnType<typeof runConditions>;

function ran(row: ConditionRow): Ran {
  const { authorizer, request, object, oldObject } = row;
  const minor = row.environment === 'StoredExpressions' ? undefined : row.compatibilityVersion;
  return runConditions({
    expressions: row.expressions,
    request: { ...request, subresource: request.subResource ?? '', object, oldObject },
    params: row.params ?? null,
    namespaceObject: row.namespaceObject,
    hasParams: row.hasParamKind,
    minor: minor === undefined ? undefined : Number(minor.split('.')[1]),
    limit: row.perCallLimit,
    budget: row.budget,
    ask: (check) => {
      const isKnown = authorizer?.match !== undefined && isMatch(authorizer.match, check);
      return answerOf((isKnown ? authorizer.matchResult : authorizer?.default) ?? { decision: 'noOpinion' });
    },
  });
}

const inText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

function isAsTold(row: ConditionRow, { results, remaining }: Ran): boolean {
  if (row.exceedBudget === true) return results.includes(undefined);
  if (row.exceedPerCallLimit === true)
    return JSON.stringify(results, inText).includes('actual cost limit exceeded');
  const isPaid = row.remaining === undefined || row.remaining === remaining;
  const isSame = (row.results ?? []).every(({ value, errorContains }, index) => {
    const result = results[index];
    if (errorContains !== undefined) return result?.is === 'error' && result.message.includes(errorContains);
    return result?.is === 'value' && result.value === value;
  });
  return isPaid && isSame;
}

function conditionDifference(row: ConditionRow): string {
  const ours = ran(row);
  return isAsTold(row, ours) ? '' : JSON.stringify({ theirs: row.results, ours }, inText);
}

interface MatchRow {
  readonly suite: string;
  readonly name: string;
  readonly matchResources?: unknown;
  readonly rule?: unknown;
  readonly request: AdmissionRequest;
  readonly matches?: boolean;
  readonly matchKind?: unknown;
  readonly matchResource?: unknown;
  readonly errorContains?: string;
}

const deployments = [
  ['extensions', 'v1beta1', 'extensions', 'v1beta1'],
  ['apps', 'v1', 'autoscaling', 'v1'],
  ['apps', 'v1beta1', 'apps', 'v1beta1'],
  ['apps', 'v1alpha1', 'apps', 'v1alpha1'],
] as const;

function equivalentsOf({ resource, subresource }: AdmissionRequest): readonly Equivalent[] {
  if (resource.resource !== 'deployments') return [];
  return deployments
    .filter(([group, version]) => group !== resource.group || version !== resource.version)
    .map(([group, version, scaleGroup, scaleVersion]) => ({
      resource: { group, version, resource: 'deployments' },
      kind:
        subresource === 'scale'
          ? { group: scaleGroup, version: scaleVersion, kind: 'Scale' }
          : { group, version, kind: 'Deployment' },
      isSame: true,
    }));
}

function matchDifference(row: MatchRow): string {
  const part = ruleParts[row.suite];
  if (part !== undefined) return part(row.rule, row.request) === row.matches ? '' : String(row.matches);
  const match = runMatch(row.matchResources, row.request, equivalentsOf(row.request));
  return isMatchAsTold(row, match) ? '' : JSON.stringify(match);
}

function isMatchAsTold(row: MatchRow, match: ReturnType<typeof runMatch>): boolean {
  if (row.errorContains !== undefined)
    return match.is === 'error' && match.message.includes(row.errorContains);
  if (match.is !== 'yes') return row.matches === (match.is !== 'no');
  const isSame = isAs(row.matchKind, match.kind) && isAs(row.matchResource, match.resource);
  return isSame && row.matches === true;
}

const isAs = (wanted: unknown, given: object): boolean =>
  wanted === undefined || Object.entries(given).every(([key, value]) => Object(wanted)[key] === value);

const nameless = (text: string, index: number): string => `${index + 1} ${text}`;

describe.skipIf(!isThere)('expressions of policies (skipped without ../shared/oracles/kube-cel)', () => {
  it('give what the libraries of the API server give', () => {
    let at = 0;
    const compare = (row: LibraryRow): readonly [string, string] => {
      at += 1;
      return [nameless(row.expr, at - 1), libraryDifference(row)];
    };
    expect(
      disagreeing(
        'cel library',
        linesOf('library.jsonl').map((line): LibraryRow => JSON.parse(line)),
        compare,
      ),
    ).toEqual([]);
  });

  it('cost what they cost there', () => {
    const rows = linesOf('cost.jsonl').map((line): CostRow => JSON.parse(line));
    const compare = (row: CostRow): readonly [string, string] => {
      const got = run(row.expr, { isFolded: false });
      const isSame = row.result === undefined || JSON.stringify(got.value) === JSON.stringify(row.result);
      const text = JSON.stringify({ theirs: row, ours: got });
      return [row.expr, got.cost === row.runtime && isSame ? '' : text];
    };
    expect(disagreeing('cel cost', rows, compare)).toEqual([]);
  });

  it('give what the API server’s admission gives, at the same cost', () => {
    const rows = linesOf('vap-conditions.jsonl').map((line): ConditionRow => JSON.parse(line));
    expect(disagreeing('vap-conditions', rows, (row) => [row.name, conditionDifference(row)])).toEqual([]);
  });

  it('are about the same requests', () => {
    const rows = linesOf('vap-matching.jsonl').map((line): MatchRow => JSON.parse(line));
    const compare = (row: MatchRow): readonly [string, string] => [
      `${row.suite} ${row.name}`,
      matchDifference(row),
    ];
    expect(disagreeing('vap-matching', rows, compare)).toEqual([]);
  });
});
