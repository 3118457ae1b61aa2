import { isEqual, isObject, listAt, objectAt, parseJson, stringAt, type JsonObject } from '../lib/index.ts';
import { withoutPath, type Step } from './field-path.ts';
import type { KubeObject } from './manifest.ts';

/** Who wrote a field, as managedFields says. */
export interface FieldOwner {
  readonly manager: string;
  readonly operation: string;
  /** RFC 3339; of the last write of this manager, to whatever field. */
  readonly time?: string;
  readonly subresource?: string;
}

interface Entry extends FieldOwner {
  readonly apiVersion: string;
  readonly fields: JsonObject;
}

function entriesOf(object: KubeObject): readonly Entry[] {
  return listAt(object, 'metadata', 'managedFields').map((entry) => {
    const [time, subresource] = [stringAt(entry, 'time'), stringAt(entry, 'subresource')];
    return {
      manager: stringAt(entry, 'manager') ?? 'unknown',
      operation: stringAt(entry, 'operation') ?? '',
      apiVersion: stringAt(entry, 'apiVersion') ?? '',
      ...(time === undefined ? {} : { time }),
      ...(subresource === undefined ? {} : { subresource }),
      fields: objectAt(entry, 'fieldsV1'),
    };
  });
}

/** Everybody who has a part in an object. */
export function writersOf(object: KubeObject): readonly FieldOwner[] {
  return entriesOf(object).map(({ fields: _fields, apiVersion: _version, ...owner }) => owner);
}

/** Every field that somebody owns by its value, with who does: not the items and maps that only hold such fields. */
export function ownedFields(
  object: KubeObject,
): readonly { readonly owner: FieldOwner; readonly steps: readonly Step[] }[] {
  return entriesOf(object).flatMap(({ fields, apiVersion: _version, ...owner }) =>
    pathsIn(fields, [])
      .filter((steps) => Object.keys(nodeAt(fields, steps) ?? {}).length === 0)
      .map((steps) => ({ owner, steps })),
  );
}

/** Everybody who owns a field, or something in it. */
export function ownersOf(object: KubeObject, steps: readonly Step[]): readonly FieldOwner[] {
  return entriesOf(object)
    .filter(({ fields }) => nodeAt(fields, steps) !== undefined)
    .map(({ fields: _fields, apiVersion: _version, ...owner }) => owner);
}

function nodeAt(fields: JsonObject, steps: readonly Step[]): JsonObject | undefined {
  let node: JsonObject | undefined = fields;
  for (const step of steps) {
    const child: unknown = node[memberIn(node, step) ?? ''];
    node = isObject(child) ? child : undefined;
    if (node === undefined) return undefined;
  }
  return node;
}

function memberIn(node: JsonObject, step: Step): string | undefined {
  if (typeof step === 'string') return `f:${step}`;
  if ('index' in step) return `i:${step.index}`;
  const [kind, value] = 'key' in step ? ['k:', step.key] : ['v:', step.value];
  return Object.keys(node).find(
    (member) => member.startsWith(kind) && isEqual(parseJson(member.slice(2)), value),
  );
}

function stepOf(member: string): Step | undefined {
  const text = member.slice(2);
  if (member.startsWith('f:')) return text;
  if (member.startsWith('i:')) return { index: Number(text) };
  const value = parseJson(text);
  if (member.startsWith('v:')) return { value };
  return isObject(value) ? { key: value } : undefined;
}

/** Whose fields go over to whom. */
export interface Inheritance {
  readonly from: ReadonlySet<string>;
  readonly heir: string;
}

const statusField = 'f:status';

/**
 * managedFields in which the heir has applied what others wrote. Without it, what was written by `kubectl apply` or Helm and
 * is left out later would stay for ever (kubernetes#99003). Undefined when there is nothing to take over.
 */
export function inheritedFields(
  object: KubeObject,
  inheritance: Inheritance,
): readonly JsonObject[] | undefined {
  const { apiVersion } = object;
  const isHeir = (entry: unknown): boolean =>
    stringAt(entry, 'manager') === inheritance.heir && stringAt(entry, 'operation') === 'Apply';
  const isLeft = (entry: unknown): boolean =>
    inheritance.from.has(stringAt(entry, 'manager') ?? '') &&
    stringAt(entry, 'subresource') === undefined &&
    stringAt(entry, 'apiVersion') === apiVersion;
  const entries = listAt(object, 'metadata', 'managedFields').filter(isObject);
  if (!entries.some(isLeft)) return undefined;
  const fields = entries
    .filter((entry) => isHeir(entry) || isLeft(entry))
    .map((entry) => objectAt(entry, 'fieldsV1'))
    .reduce((all, one) => union(all, one), {});
  const { [statusField]: _status, ...fieldsV1 } = fields;
  return [
    ...entries.filter((entry) => !isHeir(entry) && !isLeft(entry)),
    { manager: inheritance.heir, operation: 'Apply', apiVersion, fieldsType: 'FieldsV1', fieldsV1 },
  ];
}

function union(left: JsonObject, right: JsonObject): JsonObject {
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries([...keys].map((key) => [key, joined(left[key], right[key])]));
}

// What one owns as a whole and the other in parts is owned in both ways.
function joined(left: unknown, right: unknown): unknown {
  if (!isObject(left)) return right;
  if (!isObject(right)) return left;
  const isLeaf = (fields: JsonObject): boolean => Object.keys(fields).length === 0;
  const whole = union(left, right);
  return isLeaf(left) === isLeaf(right) ? whole : { '.': {}, ...whole };
}

/** The object without what nobody but these managers owns: what goes when the heir does not apply it. */
export function withoutInherited(object: KubeObject, from: ReadonlySet<string>): KubeObject {
  const entries = entriesOf(object);
  const isLeft = (entry: Entry): boolean => from.has(entry.manager) && entry.subresource === undefined;
  const others = entries.filter((entry) => !isLeft(entry));
  const paths = entries.filter(isLeft).flatMap(({ fields }) => pathsIn(fields, []));
  const orphans = paths.filter(
    (steps) => steps[0] !== 'status' && !others.some(({ fields }) => nodeAt(fields, steps) !== undefined),
  );
  return orphans.reduce((left: KubeObject, steps) => withoutPath(left, steps), object);
}

function pathsIn(fields: JsonObject, above: readonly Step[]): readonly (readonly Step[])[] {
  return Object.entries(fields).flatMap(([member, child]) => {
    const step = member === '.' ? undefined : stepOf(member);
    if (step === undefined || !isObject(child)) return [];
    const path = [...above, step];
    const isMember = Object.keys(child).length === 0 || '.' in child;
    return [...(isMember ? [path] : []), ...pathsIn(child, path)];
  });
}
