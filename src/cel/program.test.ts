import { describe, expect, it } from 'vitest';
import { environment, newestMinor } from './environment.ts';
import { compile, evaluate } from './program.ts';
import { simple } from './type.ts';
import { CelError, fromJson, isSame, unknown, type Value } from './value.ts';

const dyn = simple('dyn');

/** The value of an expression over `x`, or its error; what does not compile begins with ERROR. */
function value(source: string, x: unknown = null, minor = newestMinor): Value {
  const { program, error } = compile(source, environment(minor, { x: dyn }));
  if (program === undefined) return error;
  const variable = (name: string): Value | undefined => (name === 'x' ? fromJson(x) : undefined);
  const outcome = evaluate(program, { variable, ask: () => undefined, limit: 1_000_000 });
  return outcome.value instanceof CelError ? `${outcome.value.is}: ${outcome.value.message}` : outcome.value;
}

describe('an expression', () => {
  it.each<[string, Value]>([
    ['1 + 2 * 3 == 7 && !(1 == 2)', true],
    ["x.a[0].b == 'c'", true],
    ["'a' in x && has(x.a) && !has(x.z)", true],
    ["x.?z.orValue('none')", 'none'],
    ['x.none || true', true],
    ['true ? x.n : 0', 3n],
    ['x.n / 2', 1n],
    ['-x.n % 2', -1n],
    ["x.a.map(i, i.b).join('')", 'c'],
    ['x.a.exists_one(i, true) && x.a.filter(i, false).size() == 0', true],
    ["r'\\d' + \"\\x41\" + '''\n'''", '\\dA\n'],
    ['0x1F + 1', 32n],
    ['// nothing\n1', 1n],
    ['.x.n', 3n],
    ['[[1], [2, 3]].map(l, l.map(i, i + size(l)))', [[2n], [4n, 5n]]],
  ])('%s', (source, wanted) => {
    const given = { a: [{ b: 'c' }], n: 3 };
    expect(isSame(value(source, given), wanted)).toBe(true);
  });

  it.each([
    ['x.none', 'error: no such key: none'],
    ['x.n + 9223372036854775807', 'error: integer overflow'],
    ['x.n / 0', 'error: division by zero'],
    ["x.n + 'a'", 'error: no such overload'],
    ['[1][x.n]', 'error: index out of bounds: 3'],
    [
      'lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0))',
      'limit: operation cancelled: actual cost limit exceeded',
    ],
  ])('that fails: %s', (source, wanted) => {
    expect(value(source, { n: 3 })).toBe(wanted);
  });

  it.each([
    ['x +', 'ERROR: <input>:1:4: Syntax error: mismatched input <EOF>\n | x +\n | ...^'],
    [
      '1 == "a"',
      "ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, string)'\n | 1 == \"a\"\n | ..^",
    ],
    ['y', "ERROR: <input>:1:1: undeclared reference to 'y' (in container '')\n | y\n | ^"],
    [
      "'a'.matches('(?=a)')",
      "ERROR: <input>:1:13: invalid matches argument\n | 'a'.matches('(?=a)')\n | ............^",
    ],
    [String.raw`'aa'.matches('(a)\\1')`, 'ERROR: <input>:1:14: invalid matches argument'],
    ["duration('1d')", 'ERROR: <input>:1:10: invalid duration argument'],
    ['for', 'ERROR: <input>:1:1: Syntax error: reserved identifier: for'],
    ["[1, 'a']", "ERROR: <input>:1:5: expected type 'int' but found 'string'"],
    ['1.all(i, true)', "ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension"],
    ['x.all(1, true)', 'ERROR: <input>:1:7: Syntax error: argument must be a simple name'],
    ["'a", 'ERROR: <input>:1:1: Syntax error: token recognition error'],
  ])('that does not compile: %s', (source, wanted) => {
    expect(value(source)).toContain(wanted);
  });

  it.each([
    ["isQuantity('1')", 27, 28],
    ["ip('::1') == ip('::1')", 29, 30],
    ['x.?a.hasValue()', 27, 28],
    ['format.uuid() == format.uuid()', 30, 31],
    ['[1].all(i, v, true)', 31, 32],
    ["isSemver('1.0.0')", 32, 33],
    ['[2, 1].sort() == [1, 2]', 33, 34],
  ])('%s: not in 1.%d, but in 1.%d', (source, before, since) => {
    expect(value(source, {}, before)).toContain('ERROR');
    expect(typeof value(source, {}, since)).toBe('boolean');
  });

  it('says with which version a function comes', () => {
    expect(value("isSemver('1.0.0')", {}, 30)).toContain('it came with Kubernetes 1.33');
  });

  it.each<[string, Value]>([
    ['x.known && false', false],
    ['x.secret == 1 || true', true],
    ['x.secret == 1', 'unknown: nobody knows'],
    ['x.secret == 1 || x.none', 'unknown: nobody knows'],
    ['x.list.exists(i, i == 1)', true],
    ['x.list.all(i, i == 1)', 'unknown: nobody knows'],
    ['has(x.secret)', 'unknown: nobody knows'],
    ['x.?secret.hasValue()', 'unknown: nobody knows'],
    ['size([x.secret]) == 1', 'unknown: nobody knows'],
  ])('over what is unknown: %s', (source, wanted) => {
    const secret = unknown('nobody knows');
    expect(value(source, { known: true, secret, list: [secret, 1] })).toEqual(wanted);
  });

  it.each([
    ['in brackets', `${'('.repeat(300)}1${')'.repeat(300)}`],
    ['in fields', `x${'.a'.repeat(5000)}`],
    ['in sums', `1${'+1'.repeat(5000)}`],
  ])('that goes too deep is refused: %s', (_what, source) => {
    expect(value(source)).toContain('Syntax error: expression recursion limit exceeded');
  });

  it('takes a linear time for what would take others for ever', () => {
    expect(value("x.matches('(a*)*b')", 'a'.repeat(200))).toBe(false);
  });
});
