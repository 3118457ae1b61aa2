import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  at,
  canonical,
  digestOf,
  isDnsLabel,
  isEqual,
  isPlatformNamespace,
  listAt,
  nearest,
  objectAt,
  stringsAt,
} from './index.ts';

describe('nearest', () => {
  it.each([
    ['imagse', 'images'],
    ['clusterz', 'clusters'],
    ['NAMESPACE', 'namespace'],
    ['a', undefined],
    ['something-else', undefined],
  ])('%s -> %s', (word, wanted) => {
    expect(nearest(word, ['images', 'clusters', 'namespace'])).toBe(wanted);
  });
});

describe('JSON guards', () => {
  const value = { a: [{ b: 'c' }], n: null, labels: { x: 'y', z: 3 } };

  it('read what is there, and nothing of the prototype', () => {
    expect(at(value, 'a', 0, 'b')).toBe('c');
    expect(at(value, 'a', 'b')).toBeUndefined();
    expect(at(value, 'toString')).toBeUndefined();
    expect(objectAt(value, 'n')).toEqual({});
    expect(listAt(value, 'a').length).toBe(1);
    expect(stringsAt(value, 'labels')).toEqual({ x: 'y' });
  });

  it('make one text and one digest of a value, whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (one) => {
        const reversed = Object.fromEntries(Object.entries(one).toReversed());
        expect(canonical(reversed)).toBe(canonical(one));
        expect(digestOf(reversed)).toBe(digestOf(one));
        expect(isEqual(one, reversed)).toBe(true);
      }),
    );
  });

  it('compare: an undefined field is absent', () => {
    expect(isEqual({ a: undefined }, {})).toBe(true);
    expect(isEqual({ a: null }, {})).toBe(false);
    expect(isEqual([1, [2]], [1, [2]])).toBe(true);
    expect(isEqual([1], { 0: 1 })).toBe(false);
  });
});

describe('names', () => {
  it.each([
    ['a', true],
    ['shop-web-1', true],
    ['1', true],
    ['-a', false],
    ['a-', false],
    ['A', false],
    ['a.b', false],
    ['', false],
    ['a'.repeat(63), true],
    ['a'.repeat(64), false],
    ['a\n', false],
  ])('%j is a DNS label: %s', (text, answer) => {
    expect(isDnsLabel(text)).toBe(answer);
  });

  it('know the platform’s namespaces', () => {
    expect(['default', 'kube-system', 'toryo-system', 'kubernetes', 'shop'].map(isPlatformNamespace)).toEqual(
      [true, true, true, false, false],
    );
  });
});
