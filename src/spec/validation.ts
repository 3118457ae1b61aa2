import { z } from 'zod';
import { networkOf } from './schema/field.ts';
import {
  at,
  isArray,
  isObject,
  isString,
  nearest,
  problem,
  type Diagnostic,
  type Origin,
  type PathStep,
} from '../lib/index.ts';

/** What a mistake's place and words are taken from: a document, or the layers that a merged value came from. */
export interface Place {
  locate(path: readonly PathStep[], part?: 'key' | 'value'): Origin;
  plainText(path: readonly PathStep[]): string | undefined;
}

type Issue = z.core.$ZodIssue;

/** Every mistake of a value against a schema, each at its place; empty when there is none. */
export function mistakesOf(schema: z.ZodType, value: unknown, place: Place): readonly Diagnostic[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  const found = result.error.issues.flatMap((issue) =>
    diagnose({ issue, path: stepsOf(issue.path), schema, value, place }),
  );
  return withoutConsequences(found);
}

/** A misspelt key is one mistake: that the right one is missing, or that none of a choice is there, follows from it. */
function withoutConsequences(found: readonly Diagnostic[]): readonly Diagnostic[] {
  const misspelt = found.filter((one) => one.code === 'TRY-SPEC-001' && one.args['suggestion'] !== '');
  const meant = new Set(misspelt.map((one) => `${parentOf(one)} ${one.args['suggestion']}`));
  const parents = new Set(misspelt.map(parentOf));
  return found.filter((one) => {
    if (one.code === 'TRY-SPEC-004') return !meant.has(`${one.at.path} ${one.args['field']}`);
    return one.code !== 'TRY-SPEC-008' || !parents.has(one.at.path);
  });
}

function parentOf(unknown: Diagnostic): string {
  const { path } = unknown.at;
  return path.slice(0, Math.max(0, path.length - String(unknown.args['key']).length - 1));
}

interface Case {
  readonly issue: Issue;
  readonly path: readonly PathStep[];
  readonly schema: z.ZodType;
  readonly value: unknown;
  readonly place: Place;
}

function stepsOf(path: readonly PropertyKey[]): readonly PathStep[] {
  return path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

function diagnose(one: Case): readonly Diagnostic[] {
  const { issue } = one;
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(one, issue.keys);
    case 'invalid_union':
      return diagnoseUnion(one, issue.errors);
    case 'invalid_type':
      return [wrongType(one, [issue.expected])];
    case 'invalid_value':
      return [notAllowed(one, issue.values.map(String))];
    case 'too_small':
    case 'too_big':
      return [problem('TRY-SPEC-009', one.place.locate(one.path), { why: rangeText(issue) })];
    case 'invalid_key':
      return issue.issues.flatMap((inner) => diagnose({ ...one, issue: inner }));
    default:
      return [malformed(one)];
  }
}

function unknownKeys(one: Case, keys: readonly string[]): readonly Diagnostic[] {
  const known = fieldsAt(one.schema, one.path);
  return keys.map((key) => {
    const args = { key, suggestion: nearest(key, known) ?? '' };
    return problem('TRY-SPEC-001', one.place.locate([...one.path, key], 'key'), args);
  });
}

/** Goes on with the alternative that the value was meant to be: the one whose type it has. */
function diagnoseUnion(one: Case, errors: readonly (readonly Issue[])[]): readonly Diagnostic[] {
  const meant = errors.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || !isRootMismatch(issue)),
  );
  if (meant !== undefined)
    return meant.flatMap((issue) => diagnose({ ...one, issue, path: [...one.path, ...stepsOf(issue.path)] }));
  const roots = errors.flat();
  const values = roots.flatMap((issue) => (issue.code === 'invalid_value' ? issue.values.map(String) : []));
  const found = at(one.value, ...one.path);
  const expected = roots.flatMap((issue) => (issue.code === 'invalid_type' ? [issue.expected] : []));
  if (values.length > 0 && expected.length === 0 && isString(found)) return [notAllowed(one, values)];
  return [wrongType(one, [...values.map((value) => `"${value}"`), ...expected])];
}

function isRootMismatch(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union';
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'null',
};

function wrongType(one: Case, expected: readonly string[]): Diagnostic {
  const { path, place } = one;
  const found = at(one.value, ...path);
  if (found === undefined)
    return problem('TRY-SPEC-004', place.locate(path.slice(0, -1), 'key'), {
      field: String(path.at(-1) ?? 'document'),
    });
  const text = place.plainText(path);
  const isQuotable =
    expected.includes('string') &&
    !expected.includes('number') &&
    text !== undefined &&
    (typeof found === 'number' || typeof found === 'boolean');
  if (isQuotable)
    return problem('TRY-SPEC-003', place.locate(path), { text, read: `${typeof found} ${String(found)}` });
  const names = [...new Set(expected.map((name) => typeNames[name] ?? name))].join(' or ');
  return problem('TRY-SPEC-002', place.locate(path), { expected: names, found: nameOfType(found) });
}

/** `a list`, `"text"`, `number 3`: what a value is called in messages. */
export function nameOfType(value: unknown): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'a list';
  if (isObject(value)) return 'a mapping';
  return typeof value === 'string' ? `"${value}"` : `${typeof value} ${JSON.stringify(value)}`;
}

function notAllowed(one: Case, allowed: readonly string[]): Diagnostic {
  const found = at(one.value, ...one.path);
  if (found === undefined) return wrongType(one, ['string']);
  if (!isString(found) && one.place.plainText(one.path) !== undefined) return wrongType(one, ['string']);
  const text = isString(found) ? found : nameOfType(found);
  const args = { found: `"${text}"`, allowed: allowed.join(', '), suggestion: nearest(text, allowed) ?? '' };
  return problem('TRY-SPEC-005', one.place.locate(one.path), args);
}

const forms: Readonly<Record<string, string>> = {
  duration: 'a length of time such as 90s, 10m, 1h or 90d',
  quantity: 'a quantity such as 500m, 4 or 16Gi',
  percent: 'a share such as 25%, or a whole number',
  cidr: 'a CIDR such as 10.0.0.0/16',
  day: 'a day such as 2026-12-28',
  'time-of-day': 'a time of day such as "10:00"',
  owner: 'App/TENANT/NAME, Addon/NAME or Tenant/NAME',
  need: 'App/TENANT/NAME or Addon/NAME',
  removable: 'Cluster/NAME, Tenant/NAME or Namespace/TENANT/NAME',
  'minor-version': 'a minor version such as "1.35"',
  taint: 'a taint such as key=value:NoSchedule',
  account: 'an AWS account of 12 digits',
  'object-name': 'KIND/NAME',
  rule: 'a rule such as TRY-SEC-012',
  url: 'an address such as https://shop.example.com/healthz, without a name or password in it',
  comparison: 'a comparison such as "< 0.01"',
  'some-time': 'a length of time above zero such as 90d',
  'node-path': 'an absolute path without `..` such as /var/log',
  'image-prefix': 'the beginning of an image’s name, without a scheme, such as registry.example.com/',
  'variable-name': 'the name of a variable of the environment such as PROMETHEUS_TOKEN',
};

/** Words of a field that also takes words of a form, such as Localhost/FILE. */
const words: Readonly<Record<string, readonly string[]>> = {
  seccomp: ['RuntimeDefault', 'Localhost', 'Localhost/FILE', 'Unconfined', 'Unset', '*'],
  'app-armor': ['RuntimeDefault', 'Localhost', 'Localhost/NAME', 'Unconfined', '*'],
  'proc-mount': ['Default', 'Unmasked', '*'],
};

const choices: Readonly<Record<string, string>> = {
  'one-source': 'path, kustomize, helm, oci',
  'one-vpc': 'create, id',
  'team-subject': 'group, user',
  'one-gate': 'prometheus, http, job',
};

/** Two fields of which one must come before the other. */
const orders: Readonly<Record<string, string>> = {
  'min-max': 'min is larger than max',
  'from-to': 'to is not after from',
};

/** A mistake whose right value is known. */
function withSuggestion({ issue, path, place }: Case, found: string): Diagnostic | undefined {
  if (issue.message === 'timezone') {
    const suggestion = nearest(found, Intl.supportedValuesOf('timeZone')) ?? '';
    return problem('TRY-SPEC-044', place.locate(path), { found, suggestion });
  }
  if (issue.message !== 'network') return undefined;
  return problem('TRY-SPEC-051', place.locate(path), { found, network: networkOf(found) ?? '' });
}

function malformed(one: Case): Diagnostic {
  const { message } = one.issue;
  const found = at(one.value, ...one.path);
  const text = isString(found) ? found : String(one.path.at(-1) ?? '');
  if (message === 'dns-label') return problem('TRY-SPEC-006', one.place.locate(one.path), { found: text });
  const suggested = withSuggestion(one, text);
  if (suggested !== undefined) return suggested;
  const allowed = words[message];
  if (allowed !== undefined) return notAllowed(one, allowed);
  const why = orders[message];
  if (why !== undefined) return problem('TRY-SPEC-009', one.place.locate(one.path), { why });
  const fields = choices[message];
  if (fields !== undefined) return problem('TRY-SPEC-008', one.place.locate(one.path, 'key'), { fields });
  return problem('TRY-SPEC-007', one.place.locate(one.path), {
    found: text,
    form: forms[message] ?? message,
  });
}

function rangeText(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const noun = issue.origin === 'array' ? ' item' : issue.origin === 'string' ? ' character' : '';
  const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
  const plural = noun === '' || Number(bound) === 1 ? '' : 's';
  return `${issue.code === 'too_small' ? 'at least' : 'at most'} ${bound}${noun}${plural} wanted`;
}

/** The field names that a schema has at a path: what a misspelt key may have meant. */
function fieldsAt(schema: z.ZodType, path: readonly PathStep[]): readonly string[] {
  const found = schemasAt([schema], path);
  return found.flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []));
}

/** The schemas that may hold at a path, with wrappers taken off and alternatives side by side. */
function schemasAt(schemas: readonly unknown[], path: readonly PathStep[]): readonly unknown[] {
  const open = schemas.flatMap(unwrapped);
  const [step, ...rest] = path;
  if (step === undefined) return open;
  const next = open.flatMap((schema) => {
    if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, step) ? [schema.shape[step]] : [];
    if (schema instanceof z.ZodArray) return [schema.element];
    return schema instanceof z.ZodRecord ? [schema.valueType] : [];
  });
  return schemasAt(next, rest);
}

function unwrapped(schema: unknown): readonly unknown[] {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodNullable
  )
    return unwrapped(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrapped);
  return [schema];
}
