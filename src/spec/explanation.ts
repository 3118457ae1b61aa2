import {
  at,
  diagnosticCodes,
  diagnosticTextOf,
  errorKinds,
  hintOf,
  isArray,
  isDiagnosticCode,
  isErrorCode,
  isObject,
  isString,
  nearest,
  type JsonObject,
} from '../lib/index.ts';
import { unenforcedFields } from './enforcement.ts';
import { fieldsOf, schemaOf, typeText, type SchemaField } from './json-schema.ts';
import { kindDescriptions, kinds, type Kind } from './schema/index.ts';

/** One field of what is explained. */
export interface ExplainedField {
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly required: boolean;
  readonly default?: string;
}

/** What `toryo explain` says about a kind, a field or a code. */
export interface Explanation {
  /** `App.spec.overrides.images`, `TRY-SPEC-014`. */
  readonly title: string;
  readonly description: string;
  /** Of a field. */
  readonly type?: string;
  readonly default?: string;
  readonly examples: readonly unknown[];
  readonly fields: readonly ExplainedField[];
  /** Of a code: what to do next. */
  readonly hint?: string;
}

/** An explanation, or the nearest topics, the nearest first. */
export type Explained =
  | { readonly is: 'known'; readonly explanation: Explanation }
  | { readonly is: 'unknown'; readonly suggestions: readonly string[] };

/** Explains a kind (`App`), a field (`App.spec.overrides.images`; `spec` may be left out), a diagnostic or an error code. */
export function explain(topic: string): Explained {
  const text = topic.trim();
  const explanation = explainCode(text.toUpperCase()) ?? explainField(text);
  return explanation === undefined
    ? { is: 'unknown', suggestions: topicsNear(text) }
    : { is: 'known', explanation };
}

const most = 3;

function topicsNear(topic: string): readonly string[] {
  const left = new Set(topics());
  // A field's bare name leads to every field that is called so.
  const named = [...left].filter((one) => one.toLowerCase().endsWith(`.${topic.toLowerCase()}`));
  if (named.length > 0) return named.slice(0, most);
  const found: string[] = [];
  while (found.length < most) {
    const next = nearest(topic, left);
    if (next === undefined) break;
    left.delete(next);
    found.push(next);
  }
  return found;
}

/** Everything that can be explained: kinds, fields and codes. */
export function topics(): readonly string[] {
  const below = (schema: JsonObject, path: string): readonly string[] =>
    fieldsOf(schema).flatMap((field) => [
      `${path}.${field.name}`,
      ...below(field.schema, `${path}.${field.name}`),
    ]);
  const fields = kinds.flatMap((kind) => [kind, ...below(schemaOf(kind), kind)]);
  return [...new Set([...fields, ...diagnosticCodes(), ...Object.keys(errorKinds)])];
}

function explainCode(code: string): Explanation | undefined {
  if (isDiagnosticCode(code)) {
    const { title, hint } = diagnosticTextOf(code);
    return { title: code, description: `${title}.`, examples: [], fields: [], hint };
  }
  const error = isErrorCode(code) ? code : undefined;
  if (error === undefined) return undefined;
  const { exit, status, retryable } = errorKinds[error];
  const again = retryable ? 'the same call may be tried again' : 'trying again changes nothing';
  const description = `An operation that failed: exit code ${exit}, HTTP status ${status}; ${again}.`;
  return { title: error, description, examples: [], fields: [], hint: hintOf(error) };
}

function explainField(topic: string): Explanation | undefined {
  const [first = '', ...steps] = topic.replaceAll(/\[[^\]]*\]/g, '').split('.');
  const kind = kinds.find((one) => one.toLowerCase() === first.toLowerCase());
  if (kind === undefined) return undefined;
  const whole = schemaOf(kind);
  if (steps.length === 0) return explanationOf(kind, { ...whole, description: kindDescriptions[kind] });
  const path = Object.hasOwn(objectOf(whole['properties']), steps[0] ?? '') ? steps : ['spec', ...steps];
  const schema = schemaAt(whole, path);
  return schema === undefined ? undefined : explanationOf([kind, ...path].join('.'), schema);
}

/** A key of a free mapping (`quota.cpu`) stands for every key of it. */
function schemaAt(schema: JsonObject, path: readonly string[]): JsonObject | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  const field = fieldsOf(schema).find((one) => one.name === step);
  if (field !== undefined) return schemaAt(field.schema, rest);
  const free = freeOf(schema);
  if (free === undefined) return undefined;
  const described = { ...free, description: schema['description'] ?? '' };
  return schemaAt(fieldsOf(free).length > 0 ? free : described, rest);
}

function freeOf(schema: JsonObject): JsonObject | undefined {
  const { additionalProperties, anyOf } = schema;
  if (isObject(additionalProperties)) return additionalProperties;
  return isArray(anyOf) ? anyOf.filter(isObject).map(freeOf).find(isObject) : undefined;
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function explanationOf(title: string, schema: JsonObject): Explanation {
  const examples = at(schema, 'examples');
  return {
    title,
    description: `${descriptionOf(schema)}${caveatOf(title)}`,
    type: typeText(schema),
    ...defaultOf(schema),
    examples: isArray(examples) ? examples : [],
    fields: fieldsOf(schema).map((field) => explainedField(field, title)),
  };
}

function explainedField({ name, schema, isRequired }: SchemaField, within: string): ExplainedField {
  return {
    name,
    description: `${descriptionOf(schema)}${caveatOf(`${within}.${name}`)}`,
    type: typeText(schema),
    required: isRequired,
    ...defaultOf(schema),
  };
}

/** What is to be known of a field, or of some values of it, that nothing acts on yet. */
function caveatOf(title: string): string {
  const path = title.replace('.spec.overrides.', '.spec.');
  const found = unenforcedFields().flatMap(({ field }) => {
    const [name = '', value] = field.split(': ');
    return name === path ? [value] : [];
  });
  if (found.length === 0) return '';
  const values = found.filter(isString);
  return ` Declared, not yet enforced${values.length === 0 ? '' : `: ${values.join(', ')}`}.`;
}

function defaultOf(schema: JsonObject): { readonly default?: string } {
  if (!('default' in schema)) return {};
  const value = schema['default'];
  return { default: typeof value === 'string' ? value : JSON.stringify(value) };
}

function descriptionOf(schema: JsonObject): string {
  const { description } = schema;
  return typeof description === 'string' ? description : '';
}

/** Every kind with its sentence, for a reference and for `toryo explain` without a topic. */
export function explainedKinds(): readonly { readonly kind: Kind; readonly description: string }[] {
  return kinds.map((kind) => ({ kind, description: kindDescriptions[kind] }));
}
