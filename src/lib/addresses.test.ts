import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocksOf, joinedRanges, piecesOf, rangeOf, rangeText, withoutRanges } from './addresses.ts';

const at = (text: string) => rangeOf(text)!;

describe('blocks of addresses', () => {
  it.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['2001:DB8::1/33', '2001:db8::/33'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['fe80:0:0:1::/64', 'fe80:0:0:1::/64'],
  ])('%s is read as %s', (text, read) => {
    expect(rangeText(at(text))).toBe(read);
  });

  it.each([
    '10.0.0',
    '10.0.0.256',
    '10.0.0.01',
    '10.0.0.0/33',
    '::1/129',
    '1::2::3',
    ':::',
    'web',
    '10.0.0.0/8/8',
  ])('%s is none', (text) => {
    expect(rangeOf(text)).toBeUndefined();
  });

  it('are written as every browser writes them', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 65_535 }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const long = groups.map((one) => one.toString(16)).join(':');
        expect(`[${rangeText(at(long))}]`).toBe(new URL(`http://[${long}]/`).hostname);
      }),
    );
  });

  it('are told as the blocks that they are made of', () => {
    expect(blocksOf(at('169.254.169.254'))).toEqual(['169.254.169.254/32']);
    expect(blocksOf(at('fd00:ec2::254'))).toEqual(['fd00:ec2::254/128']);
    expect(blocksOf(at('0.0.0.0/0'))).toEqual(['0.0.0.0/0']);
    const [odd] = withoutRanges(at('10.0.0.0/29'), [at('10.0.0.0'), at('10.0.0.7')]);
    expect(blocksOf(odd!)).toEqual(['10.0.0.1/32', '10.0.0.2/31', '10.0.0.4/31', '10.0.0.6/32']);
  });

  it('are cut by others, and joined again', () => {
    const left = withoutRanges(at('10.0.0.0/8'), [at('10.0.0.0/16'), at('10.128.0.0/9'), at('11.0.0.0/8')]);
    expect(left.map(rangeText)).toEqual(['10.1.0.0-10.127.255.255']);
    const pieces = piecesOf(at('10.0.0.0/8'), [at('10.0.0.0/16'), at('0.0.0.0/0'), at('10.128.0.0/9')]);
    expect(pieces.map(rangeText)).toEqual(['10.0.0.0/16', '10.1.0.0-10.127.255.255', '10.128.0.0/9']);
    expect(joinedRanges(pieces.toReversed()).map(rangeText)).toEqual(['10.0.0.0/8']);
    expect(joinedRanges([at('::/0'), at('1.0.0.0/8'), at('3.0.0.0/8')]).map(rangeText)).toEqual([
      '1.0.0.0/8',
      '3.0.0.0/8',
      '::/0',
    ]);
  });
});
