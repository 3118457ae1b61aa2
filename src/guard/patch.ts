import { at, isArray, isObject, objectAt, type PathStep } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { Verdict } from './verdict.ts';
import type { Place } from './violation.ts';

/** One step of a JSON patch (RFC 6902). */
export interface PatchStep {
  readonly op: 'add' | 'replace' | 'remove';
  /** `/spec/template/spec/hostNetwork`. */
  readonly path: string;
  readonly value?: unknown;
}

/** The smallest change to an object that is refused, and how far it leads. */
export interface Change {
  /** To be done in this order; none where no value alone would be right. */
  readonly steps: readonly PatchStep[];
  /** How many of the rules that the object breaks it does not break any more. */
  readonly mends: number;
  /** How many rules the object breaks. */
  readonly of: number;
  /** What the changed object would still be refused for. */
  readonly left: readonly string[];
}

/** A step, and the same as the way to its field. */
interface Step extends PatchStep {
  readonly at: readonly PathStep[];
}

// One mistake mended can show another: what is left then is told.
const mostRounds = 5;

/** The smallest change that makes the verdict `before` right, or as much of it as values that alone are right can; what is missing above a field is added with it. */
export function smallestChange(
  object: KubeObject,
  before: Verdict,
  judge: (changed: KubeObject) => Verdict,
): Change {
  const steps: PatchStep[] = [];
  let [changed, verdict] = [object, before];
  for (let round = 0; round < mostRounds && verdict.violations.length > 0; round += 1) {
    const found = stepsFor(changed, verdict);
    if (found.length === 0) break;
    steps.push(...found.map(({ at: _at, ...step }) => step));
    changed = found.reduce((whole, step) => applied(whole, step), changed);
    verdict = judge(changed);
  }
  const known = new Set(before.unknowns);
  const left = [
    ...verdict.violations.map(({ sentence }) => sentence),
    ...verdict.unknowns.filter((why) => !known.has(why)),
  ];
  const of = before.violations.length;
  return { steps, mends: Math.max(0, of - left.length), of, left };
}

/** What Pod Security asks besides comes last: most of it a profile asks too, at another place. */
function stepsFor(object: KubeObject, { violations }: Verdict): readonly Step[] {
  const own = stepsAt(
    object,
    violations.flatMap(({ places }) => places),
  );
  if (own.length > 0) return own;
  return stepsAt(
    object,
    violations.flatMap(({ fixes = [] }) => fixes),
  );
}

/** Steps without those that another one says already, and those of one value put together. */
function stepsAt(object: KubeObject, places: readonly Place[]): readonly Step[] {
  const byPath = new Map<string, Step>();
  for (const place of places) {
    const step = stepAt(object, place);
    if (step === undefined) continue;
    const before = byPath.get(step.path);
    byPath.set(step.path, before === undefined ? step : { ...step, value: merged(before.value, step.value) });
  }
  const steps = [...byPath.values()];
  // The last item of a list goes first, so that the others keep their numbers.
  return [
    ...steps.filter(({ op }) => op !== 'remove'),
    ...steps.filter(({ op }) => op === 'remove').toReversed(),
  ];
}

function stepAt(object: KubeObject, { path, fix }: Place): Step | undefined {
  if (fix === undefined) return undefined;
  const isThere = at(object, ...path) !== undefined;
  if (fix === null) return isThere ? { op: 'remove', path: pointer(path), at: path } : undefined;
  if (isThere) return { op: 'replace', path: pointer(path), at: path, value: fix };
  // What is null counts as missing: `add` takes its place.
  const depth = path.findIndex(
    (_step, index) => (at(object, ...path.slice(0, index + 1)) ?? undefined) === undefined,
  );
  const [above, missing] = [path.slice(0, depth + 1), path.slice(depth + 1)];
  // Below a text, a number or a list there is no field to add.
  if (!isObject(at(object, ...path.slice(0, depth)))) return undefined;
  return { op: 'add', path: pointer(above), at: above, value: nested(missing, fix) };
}

function nested(path: readonly PathStep[], value: unknown): unknown {
  return path.reduceRight((inner, step) => ({ [step]: inner }), value);
}

function pointer(path: readonly PathStep[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function merged(left: unknown, right: unknown): unknown {
  if (!isObject(left) || !isObject(right) || isArray(left) || isArray(right)) return right;
  const entries = Object.entries(right).map(([key, value]) => [key, merged(left[key], value)] as const);
  return { ...left, ...Object.fromEntries(entries) };
}

function applied(object: KubeObject, step: Step): KubeObject {
  return { ...object, ...objectAt(changedAt(object, step.at, step)) };
}

function changedAt(value: unknown, [first, ...rest]: readonly PathStep[], step: Step): unknown {
  if (first === undefined) return step.value;
  const isRemoved = step.op === 'remove' && rest.length === 0;
  if (isArray(value)) {
    const index = Number(first);
    return isRemoved ? value.toSpliced(index, 1) : value.with(index, changedAt(value[index], rest, step));
  }
  const fields = objectAt(value);
  if (!isRemoved) return { ...fields, [first]: changedAt(fields[first], rest, step) };
  return Object.fromEntries(Object.entries(fields).filter(([field]) => field !== first));
}
