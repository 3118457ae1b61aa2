import { isArray, isEqual, isObject, parseJson, type JsonObject } from '../lib/index.ts';

/** One step into an object: a field, or the item of a list with that key, that value or that place. */
export type Step =
  | string
  | { readonly key: JsonObject }
  | { readonly value: unknown }
  | { readonly index: number };

/**
 * Reads a path as the API server writes it (`.spec.containers[name="web"].image`). Names of fields may have dots in them:
 * which are meant is told by the object that the path is of. Undefined for what is no path.
 */
export function stepsOf(path: string, object: unknown): readonly Step[] | undefined {
  if (path === '') return [];
  return path.startsWith('[') ? stepsFromItem(path, object) : stepsFromField(path.replace(/^\./, ''), object);
}

function stepsFromField(path: string, object: unknown): readonly Step[] | undefined {
  const names = isObject(object) ? Object.keys(object) : [];
  const known = names.filter((name) => path.startsWith(name) && /^($|[.[])/.test(path.slice(name.length)));
  const simple = /^[^.[]*/.exec(path)?.[0] ?? '';
  for (const name of [...known.toSorted((left, right) => right.length - left.length), simple]) {
    const rest = stepsOf(path.slice(name.length), isObject(object) ? object[name] : undefined);
    if (rest !== undefined && name !== '') return [name, ...rest];
  }
  return undefined;
}

function stepsFromItem(path: string, object: unknown): readonly Step[] | undefined {
  for (let end = path.indexOf(']'); end > 0; end = path.indexOf(']', end + 1)) {
    const step = itemStep(path.slice(1, end));
    const rest = step === undefined ? undefined : stepsOf(path.slice(end + 1), childAt(object, step));
    if (step !== undefined && rest !== undefined) return [step, ...rest];
  }
  return undefined;
}

function itemStep(text: string): Step | undefined {
  if (/^\d+$/.test(text)) return { index: Number(text) };
  if (text.startsWith('=')) return wrapped('value', parseJson(text.slice(1)));
  const pairs = text.matchAll(/(?:^|,)([^=,]+)=("(?:[^"\\]|\\.)*"|[^,"]+)/g);
  const entries = [...pairs].map(([, name = '', json = '']) => [name, parseJson(json)] as const);
  const isWhole = entries.length > 0 && entries.every(([, value]) => value !== undefined);
  return isWhole ? { key: Object.fromEntries(entries) } : undefined;
}

function wrapped(name: 'value', value: unknown): Step | undefined {
  return value === undefined ? undefined : { [name]: value };
}

/** The place of an item in a list; -1 when it is not there. */
function indexIn(list: readonly unknown[], step: Exclude<Step, string>): number {
  if ('index' in step) return step.index < list.length ? step.index : -1;
  if ('value' in step) return list.findIndex((item) => isEqual(item, step.value));
  return list.findIndex((item) => isObject(item) && hasKey(item, step.key));
}

// What is wanted may leave out what the server fills in: ports are told apart by protocol too.
function hasKey(item: JsonObject, key: JsonObject): boolean {
  return Object.entries(key).every(([name, value]) =>
    isEqual(item[name] ?? (name === 'protocol' ? 'TCP' : undefined), value),
  );
}

function childAt(object: unknown, step: Step): unknown {
  if (typeof step === 'string')
    return isObject(object) && Object.hasOwn(object, step) ? object[step] : undefined;
  return isArray(object) ? object[indexIn(object, step)] : undefined;
}

/** The value at a path; undefined when there is none. */
export function valueAt(object: unknown, steps: readonly Step[]): unknown {
  return steps.reduce((value: unknown, step) => childAt(value, step), object);
}

/** The object without what is at a path, and without the maps and lists that this leaves empty. */
export function withoutPath<T extends JsonObject>(object: T, steps: readonly Step[]): T;
export function withoutPath(object: JsonObject, steps: readonly Step[]): JsonObject {
  const left = removed(object, steps);
  return isObject(left) ? left : {};
}

function removed(value: unknown, [step, ...rest]: readonly Step[]): unknown {
  if (step === undefined) return undefined;
  if (typeof step === 'string') return isObject(value) ? withoutField(value, step, rest) : value;
  if (!isArray(value)) return value;
  const index = indexIn(value, step);
  if (index < 0) return value;
  const item = removed(value[index], rest);
  const items = item === undefined ? value.toSpliced(index, 1) : value.with(index, item);
  return items.length === 0 ? undefined : items;
}

function withoutField(value: JsonObject, name: string, rest: readonly Step[]): JsonObject | undefined {
  if (!Object.hasOwn(value, name)) return value;
  const { [name]: child, ...others } = value;
  const left = removed(child, rest);
  if (left !== undefined) return { ...value, [name]: left };
  return Object.keys(others).length === 0 ? undefined : others;
}

/** The path for people, as differences write it: `spec.containers[web].image`. */
export function pathText(steps: readonly Step[]): string {
  return steps.reduce((text: string, step) => text + stepText(step, text === ''), '');
}

function stepText(step: Step, isFirst: boolean): string {
  if (typeof step === 'string') {
    if (!/^[\w-]+$/.test(step)) return `["${step}"]`;
    return isFirst ? step : `.${step}`;
  }
  if ('index' in step) return `[${step.index}]`;
  const values = 'key' in step ? Object.values(step.key) : [step.value];
  return `[${values.map(String).join(',')}]`;
}

/** True when a pattern (`spec.template.spec.containers[*].resources`, `metadata.labels["a.b/c"]`) is the path or one above it. */
export function isUnderPattern(steps: readonly Step[], pattern: string): boolean {
  const tokens = [...pattern.matchAll(/\[\*\]|\["([^"]*)"\]|\[([^\]]*)\]|[^.[\]]+/g)];
  return (
    tokens.length <= steps.length &&
    tokens.every(([token, quoted, item], index) => {
      const step = steps[index];
      if (step === undefined) return false;
      if (typeof step === 'string') return step === (quoted ?? token) || token === '*';
      return token === '[*]' || stepText(step, false) === `[${item ?? quoted ?? ''}]`;
    })
  );
}
