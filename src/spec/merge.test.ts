import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merge } from './merge.ts';

const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 }));
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('tree'), { maxKeys: 3 }),
  ),
}));
const fields = (names: readonly string[]) => fc.dictionary(fc.constantFrom(...names), tree, { maxKeys: 2 });

describe('merge', () => {
  it('does not care for order or grouping where keys are disjoint', () => {
    fc.assert(
      fc.property(fields(['a', 'b']), fields(['c', 'd']), fields(['e', 'f']), (one, two, three) => {
        const left = merge(merge(one, two), three);
        expect(left).toEqual(merge(one, merge(two, three)));
        expect(left).toEqual(merge(three, merge(two, one)));
      }),
    );
  });

  it('changes nothing when a value is laid over itself', () => {
    fc.assert(
      fc.property(fields(['a', 'b']), (one) => {
        expect(merge(one, one)).toEqual(merge({}, one));
      }),
    );
  });

  it('lets the later win, whatever its type', () => {
    expect(merge({ a: { x: 1 } }, { a: [1] })).toEqual({ a: [1] });
    expect(merge({ a: [1, 2] }, { a: { x: 1 } })).toEqual({ a: { x: 1 } });
    expect(merge({ a: [1, 2] }, { a: [3] })).toEqual({ a: [3] });
  });

  it('removes with null, also what nobody said, at any depth', () => {
    expect(merge({ a: { x: 1, y: 2 } }, { a: { x: null } })).toEqual({ a: { y: 2 } });
    expect(merge({}, { a: { x: null, y: 1 } })).toEqual({ a: { y: 1 } });
  });

  it('merges lists of named things by name and keeps their order', () => {
    const base = [
      { name: 'a', x: 1 },
      { name: 'b', x: 2 },
    ];
    expect(merge(base, [{ name: 'c' }, { name: 'a', y: 3 }])).toEqual([
      { name: 'a', x: 1, y: 3 },
      { name: 'b', x: 2 },
      { name: 'c' },
    ]);
  });

  it('replaces a source', () => {
    expect(merge({ source: { path: 'a' } }, { source: { kustomize: 'b' } })).toEqual({
      source: { kustomize: 'b' },
    });
  });
});
