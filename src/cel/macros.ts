import type { Call, Expr, Fold } from './ast.ts';
import { SyntaxMistake } from './token.ts';

/** What a macro makes of a call; undefined when the call is not one of its forms. */
type Macro = (call: Call) => Expr | undefined;

/** The macros of an environment, as `name:count of arguments:member or not`. */
export type Macros = ReadonlyMap<string, Macro>;

const total = '@result';

/** The call, or what the macro of its name makes of it. */
export function expanded(call: Call, macros: Macros): Expr {
  const kind = call.target === undefined ? 'global' : 'member';
  const found = macros.get(`${call.name}:${call.args.length}:${kind}`);
  return found?.(call) ?? call;
}

const constant = (at: number, value: boolean | bigint): Expr => ({ is: 'const', at, value });
const nameOf = (at: number, name: string): Expr => ({ is: 'name', at, name });
const callOf = (at: number, name: string, ...args: readonly Expr[]): Expr => ({ is: 'call', at, name, args });

interface Loop {
  readonly call: Call;
  readonly names: readonly string[];
  readonly range: Expr;
}

/** A fold whose total is a value of its own. */
function fold(
  { call, names, range }: Loop,
  parts: { readonly init: Expr; readonly condition?: Expr; readonly step: Expr; readonly result?: Expr },
): Fold {
  const { at } = call;
  return {
    is: 'fold',
    at,
    range,
    names,
    total: { name: total, init: parts.init },
    condition: parts.condition ?? constant(at, true),
    step: parts.step,
    result: parts.result ?? nameOf(at, total),
  };
}

/** A member macro whose first arguments name variables. */
function loop(count: 1 | 2, build: (loop: Loop, rest: readonly Expr[]) => Expr): Macro {
  return (call) => {
    if (call.target === undefined) return undefined;
    const names = call.args.slice(0, count).map((one) => variableOf(one));
    if (new Set(names).size < count) throw new SyntaxMistake('duplicate variable name', call.at);
    return build({ call, names, range: call.target }, call.args.slice(count));
  };
}

function variableOf(expr: Expr | undefined): string {
  if (expr?.is === 'name' && !expr.name.startsWith('.')) {
    if (expr.name !== total && expr.name !== '__result__') return expr.name;
    throw new SyntaxMistake('iteration variable overwrites accumulator variable', expr.at);
  }
  throw new SyntaxMistake('argument must be a simple name', expr?.at ?? 0);
}

const all = (loop: Loop, [test]: readonly Expr[]): Expr => {
  const { at } = loop.call;
  return fold(loop, {
    init: constant(at, true),
    condition: callOf(at, '@not_strictly_false', nameOf(at, total)),
    step: callOf(at, '_&&_', nameOf(at, total), argument(test)),
  });
};

const exists = (loop: Loop, [test]: readonly Expr[]): Expr => {
  const { at } = loop.call;
  return fold(loop, {
    init: constant(at, false),
    condition: callOf(at, '@not_strictly_false', callOf(at, '!_', nameOf(at, total))),
    step: callOf(at, '_||_', nameOf(at, total), argument(test)),
  });
};

const existsOne = (loop: Loop, [test]: readonly Expr[]): Expr => {
  const { at } = loop.call;
  const more = callOf(at, '_+_', nameOf(at, total), constant(at, 1n));
  return fold(loop, {
    init: constant(at, 0n),
    step: callOf(at, '_?_:_', argument(test), more, nameOf(at, total)),
    result: callOf(at, '_==_', nameOf(at, total), constant(at, 1n)),
  });
};

/** Adds to the total for what passes a test. */
function gathered(
  loop: Loop,
  init: Expr,
  { more, test }: { readonly more: Expr; readonly test?: Expr },
): Expr {
  const { at } = loop.call;
  const step = test === undefined ? more : callOf(at, '_?_:_', test, more, nameOf(at, total));
  return fold(loop, { init, step });
}

const listed = (loop: Loop, args: readonly Expr[]): Expr => {
  const { at } = loop.call;
  const [first, second] = args;
  const item: Expr = { is: 'list', at, items: [{ value: argument(second ?? first), isOptional: false }] };
  const more = callOf(at, '_+_', nameOf(at, total), item);
  const init: Expr = { is: 'list', at, items: [] };
  return gathered(loop, init, second === undefined ? { more } : { more, test: argument(first) });
};

const filtered = (loop: Loop, [test]: readonly Expr[]): Expr =>
  listed(loop, [argument(test), nameOf(loop.call.at, loop.names[0] ?? '')]);

const mapped = (loop: Loop, args: readonly Expr[]): Expr => {
  const { at } = loop.call;
  const [first, second] = args;
  const key = nameOf(at, loop.names[0] ?? '');
  const more = callOf(at, 'cel.@mapInsert', nameOf(at, total), key, argument(second ?? first));
  const init: Expr = { is: 'map', at, entries: [] };
  return gathered(loop, init, second === undefined ? { more } : { more, test: argument(first) });
};

const entered = (loop: Loop, args: readonly Expr[]): Expr => {
  const { at } = loop.call;
  const [first, second] = args;
  const more = callOf(at, 'cel.@mapInsert', nameOf(at, total), argument(second ?? first));
  const init: Expr = { is: 'map', at, entries: [] };
  return gathered(loop, init, second === undefined ? { more } : { more, test: argument(first) });
};

function argument(expr: Expr | undefined): Expr {
  if (expr === undefined) throw new SyntaxMistake('an argument is missing', 0);
  return expr;
}

const has: Macro = ({ args: [field], at }) => {
  if (field?.is === 'select') return { ...field, isTest: true };
  throw new SyntaxMistake('invalid argument to has() macro', field?.at ?? at, '');
};

/** One variable with one value: a loop over nothing. */
function bound(call: Call, name: string, init: Expr, result: Expr): Expr {
  const { at } = call;
  return {
    is: 'fold',
    at,
    range: { is: 'list', at, items: [] },
    names: ['#unused'],
    total: { name, init },
    condition: constant(at, false),
    step: nameOf(at, name),
    result,
  };
}

const optionalMap =
  (wrap: (at: number, expr: Expr) => Expr): Macro =>
  (call) => {
    const { at, target, args } = call;
    if (target === undefined) return undefined;
    const member = (name: string): Expr => ({ is: 'call', at, name, target, args: [] });
    const value = bound(call, variableOf(args[0]), member('value'), argument(args[1]));
    return callOf(at, '_?_:_', member('hasValue'), wrap(at, value), callOf(at, 'optional.none'));
  };

const bind: Macro = (call) => {
  const [variable, init, result] = call.args;
  const isOurs = call.target?.is === 'name' && call.target.name === 'cel';
  return isOurs ? bound(call, variableOf(variable), argument(init), argument(result)) : undefined;
};

/** `l.sortBy(x, key)`: the keys beside the list. */
const sortBy: Macro = (call) => {
  if (call.target === undefined) return undefined;
  const { at, target } = call;
  const names = [variableOf(call.args[0])];
  const keys = listed({ call, names, range: target }, [argument(call.args[1])]);
  return { is: 'call', at, name: '@sortByAssociatedKeys', target, args: [keys] };
};

interface Row {
  readonly forms: readonly string[];
  readonly macro: Macro;
  /** Minor version of Kubernetes it came with. */
  readonly since: number;
}

const rows: readonly Row[] = [
  { forms: ['has:1:global'], macro: has, since: 0 },
  { forms: ['all:2:member'], macro: loop(1, all), since: 0 },
  { forms: ['exists:2:member'], macro: loop(1, exists), since: 0 },
  { forms: ['exists_one:2:member'], macro: loop(1, existsOne), since: 0 },
  { forms: ['map:2:member', 'map:3:member'], macro: loop(1, listed), since: 0 },
  { forms: ['filter:2:member'], macro: loop(1, filtered), since: 0 },
  {
    forms: ['optMap:2:member'],
    macro: optionalMap((at, expr) => callOf(at, 'optional.of', expr)),
    since: 28,
  },
  { forms: ['optFlatMap:2:member'], macro: optionalMap((_at, expr) => expr), since: 28 },
  { forms: ['all:3:member'], macro: loop(2, all), since: 32 },
  { forms: ['exists:3:member'], macro: loop(2, exists), since: 32 },
  { forms: ['existsOne:3:member', 'exists_one:3:member'], macro: loop(2, existsOne), since: 32 },
  { forms: ['transformList:3:member', 'transformList:4:member'], macro: loop(2, listed), since: 32 },
  { forms: ['transformMap:3:member', 'transformMap:4:member'], macro: loop(2, mapped), since: 32 },
  { forms: ['transformMapEntry:3:member', 'transformMapEntry:4:member'], macro: loop(2, entered), since: 32 },
  { forms: ['sortBy:2:member'], macro: sortBy, since: 34 },
];

/** The macros of Kubernetes up to a minor version; `cel.bind`, which no Kubernetes has, on request. */
export function macrosOf(minor: number, withBind = false): Macros {
  const known = rows.filter(({ since }) => since <= minor);
  const pairs = known.flatMap(({ forms, macro }) => forms.map((form): [string, Macro] => [form, macro]));
  return new Map<string, Macro>(withBind ? [...pairs, ['bind:3:member', bind]] : pairs);
}
