import {
  at,
  inReadingOrder,
  isArray,
  isDnsSubdomain,
  isEqual,
  isObject,
  isString,
  listAt,
  nearest,
  objectAt,
  parseJson,
  parseYaml,
  problem,
  stringAt,
  warning,
  type Checked,
  type Diagnostic,
  type Origin,
  type PathStep,
} from '../../lib/index.ts';
import { groupOf, isKubeObject, listItems, type KubeObject } from '../../objects/index.ts';
import { capabilityFields, capabilityNamed } from './capability-words.ts';
import { emptyPorts, specMistakes } from './mistakes.ts';
import { policedVolumes } from './policy-volumes.ts';
import { annotatedProfiles, missingRules, policySpec, withoutNulls, type Psp } from './policy.ts';

/** A file that is imported: manifests as YAML or JSON, lists of them, or one JSON object a line. */
export interface PolicyFile {
  readonly file: string;
  readonly text: string;
}

/** What files say of PodSecurityPolicies. */
export interface PolicySources {
  /** In the order of files; what is said twice in the same words is one. */
  readonly policies: readonly Psp[];
  /** Everything else that is an object. */
  readonly objects: readonly KubeObject[];
  /** The name of one of them. */
  readonly placeOf: (object: KubeObject) => Origin;
}

interface Found {
  readonly value: unknown;
  readonly locate: (path: readonly PathStep[]) => Origin;
}

/** Reads PodSecurityPolicies (policy/v1beta1, extensions/v1beta1) and what stands beside them; every mistake at once. */
export function readPolicies(files: readonly PolicyFile[]): Checked<PolicySources> {
  const diagnostics: Diagnostic[] = [];
  const found = files.flatMap((one) => objectsIn(one, diagnostics));
  const isPolicy = ({ value }: Found): boolean =>
    at(value, 'kind') === 'PodSecurityPolicy' &&
    ['policy', 'extensions'].includes(groupOf(stringAt(value, 'apiVersion') ?? ''));
  diagnostics.push(...found.flatMap(noObject));
  const policies: Psp[] = [];
  for (const one of found.filter(isPolicy)) {
    const policy = policyOf(one, diagnostics);
    if (policy !== undefined && !policies.some((other) => isSamePolicy(other, policy))) policies.push(policy);
  }
  const isBroken = (): boolean => diagnostics.some(({ severity }) => severity === 'error');
  if (policies.length === 0 && !isBroken()) {
    const where = files.map(({ file }) => file).join(', ') || 'no file';
    const origin = { file: files[0]?.file ?? '', line: 1, column: 1, path: '' };
    diagnostics.push(problem('TRY-PSP-004', origin, { where }));
  }
  const others = new Map(
    found.flatMap((one) => (!isPolicy(one) && isKubeObject(one.value) ? [[one.value, one] as const] : [])),
  );
  const placeOf = (object: KubeObject): Origin =>
    others.get(object)?.locate(['metadata', 'name']) ?? { file: '', line: 1, column: 1, path: '' };
  return {
    value: isBroken() ? undefined : { policies, objects: [...others.keys()], placeOf },
    diagnostics: inReadingOrder(diagnostics),
  };
}

/** Told of plain text and lists; a mapping that is no object may be a file of some tool. */
function noObject({ value, locate }: Found): readonly Diagnostic[] {
  if (isObject(value) || value === null || value === undefined) return [];
  const text = isString(value) ? value : JSON.stringify(value);
  const found = isArray(value) ? 'this is a list' : `this is plain text ("${firstLine(text)}")`;
  return [warning('TRY-PSP-013', locate([]), { found })];
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > longestQuote ? `${line.slice(0, longestQuote)}…` : line;
}

const longestQuote = 60;

function isSamePolicy({ from: _left, ...left }: Psp, right: Psp): boolean {
  return isEqual(left, { ...right, from: undefined });
}

function objectsIn({ file, text }: PolicyFile, diagnostics: Diagnostic[]): readonly Found[] {
  const lines = text.split('\n');
  const filled = lines.filter((line) => line.trim() !== '');
  const isByLine = file.endsWith('.jsonl') || (filled.length > 1 && isObject(parseJson(filled[0] ?? '')));
  if (!isByLine) return documentsIn({ file, text }, 0, diagnostics);
  return lines.flatMap((line, index) =>
    line.trim() === '' ? [] : documentsIn({ file, text: line }, index, diagnostics),
  );
}

/** The objects of a text that begins `above` lines below the top of its file. */
function documentsIn({ file, text }: PolicyFile, above: number, diagnostics: Diagnostic[]): readonly Found[] {
  const parsed = parseYaml(text, file);
  const shifted = (origin: Origin): Origin => ({ ...origin, line: origin.line + above });
  diagnostics.push(...parsed.diagnostics.map((one) => ({ ...one, at: shifted(one.at) })));
  return (parsed.value ?? []).flatMap((document) => {
    const locate = (path: readonly PathStep[]): Origin => shifted(document.locate(path, 'key'));
    return unpacked(document.value, [], locate);
  });
}

/** An object, the objects of a List, or the one that a line holds as its `object`. */
function unpacked(value: unknown, base: readonly PathStep[], locate: Found['locate']): readonly Found[] {
  if (isObject(value) && value['kind'] === undefined && isObject(value['object']))
    return unpacked(value['object'], [...base, 'object'], locate);
  const items = listItems(value);
  if (items !== undefined)
    return items.flatMap((item, index) => unpacked(item, [...base, 'items', index], locate));
  return [{ value, locate: (path) => locate([...base, ...path]) }];
}

const served: ReadonlySet<string> = new Set(['policy/v1beta1', 'extensions/v1beta1']);

function versionWarning(policy: string, value: unknown, locate: Found['locate']): readonly Diagnostic[] {
  const found = stringAt(value, 'apiVersion') ?? '';
  return served.has(found) ? [] : [warning('TRY-PSP-014', locate(['apiVersion']), { policy, found })];
}

function policyOf({ value, locate }: Found, diagnostics: Diagnostic[]): Psp | undefined {
  const policy = stringAt(value, 'metadata', 'name') ?? '';
  const mistake = (path: readonly PathStep[], why: string): Diagnostic =>
    problem('TRY-PSP-001', locate(path), { policy, field: path.join('.'), why });
  if (policy === '') diagnostics.push(mistake(['metadata', 'name'], 'it has no name'));
  else if (!isDnsSubdomain(policy)) {
    const why = `"${policy}" is no name: small letters, digits, - and ., at most 253, a letter or digit at both ends`;
    diagnostics.push(mistake(['metadata', 'name'], why));
  }
  diagnostics.push(...versionWarning(policy, value, locate));
  const spec = withoutNulls(objectAt(value, 'spec'));
  for (const { path, why } of specMistakes(spec)) diagnostics.push(mistake(['spec', ...path], why));
  for (const { path, range } of emptyPorts(spec))
    diagnostics.push(warning('TRY-PSP-011', locate(['spec', ...path]), { policy, range }));
  diagnostics.push(...volumeWarnings(policy, spec, locate));
  const parsed = policySpec.safeParse(spec);
  if (!parsed.success) return undefined;
  const read = {
    ...parsed.data,
    name: policy,
    ...annotatedProfiles(objectAt(value, 'metadata')),
    from: locate(['metadata', 'name']),
  };
  const missing = missingRules(spec);
  if (missing.length > 0)
    diagnostics.push(warning('TRY-PSP-002', read.from, { policy, rules: missing.join(', ') }));
  for (const field of Object.keys(objectAt(spec)).filter((one) => !(one in policySpec.shape)))
    diagnostics.push(warning('TRY-PSP-005', locate(['spec', field]), { policy, field }));
  const locateSpec: Found['locate'] = (path) => locate(['spec', ...path]);
  diagnostics.push(...capabilityWarnings(read, locateSpec), ...contradictions(read, locateSpec));
  return read;
}

/** Words for capabilities that are not copied as they stand, and those that are none. */
function capabilityWarnings(policy: Psp, locate: Found['locate']): readonly Diagnostic[] {
  return capabilityFields.flatMap((field) =>
    policy[field].flatMap((found, index) => {
      const named = capabilityNamed(found);
      const about = { policy: policy.name, field, found };
      if (named === undefined) return [warning('TRY-PSP-008', locate([field, index]), about)];
      return named === found ? [] : [warning('TRY-PSP-007', locate([field, index]), { ...about, named })];
    }),
  );
}

/** Capabilities that pods must drop and may add. */
function contradictions(policy: Psp, locate: Found['locate']): readonly Diagnostic[] {
  return (['defaultAddCapabilities', 'allowedCapabilities'] as const).flatMap((field) =>
    policy[field].flatMap((found, index) =>
      policy.requiredDropCapabilities.includes(found)
        ? [warning('TRY-PSP-010', locate([field, index]), { policy: policy.name, field, found })]
        : [],
    ),
  );
}

/** Words for kinds of volumes that no API server took. */
function volumeWarnings(policy: string, spec: unknown, locate: Found['locate']): readonly Diagnostic[] {
  // Policies write cephfs in their own way.
  const known = [...policedVolumes, 'cephFS', '*', 'none'];
  return listAt(spec, 'volumes').flatMap((found, index) => {
    if (!isString(found) || known.includes(found)) return [];
    const args = { policy, found, suggestion: nearest(found, known) ?? '' };
    return [warning('TRY-PSP-009', locate(['spec', 'volumes', index]), args)];
  });
}
