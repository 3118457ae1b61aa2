import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allConnections,
  connectionsFrom,
  connectionsOn,
  connectionsText,
  differenceOf,
  intersectionOf,
  isNone,
  protocols,
  unionOf,
  type Connections,
} from './ports.ts';

const range = fc
  .tuple(fc.constantFrom(...protocols), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 9 }))
  .map(([protocol, from, more]) => connectionsOn(protocol, { from, to: from + more }));
const set = fc.array(range, { maxLength: 5 }).map(unionOf);

/** `TCP 7` of every port that passes, up to 50. */
const ports = (one: Connections): ReadonlySet<string> =>
  new Set(
    protocols.flatMap((protocol) =>
      Array.from({ length: 50 }, (_, index) => index + 1)
        .filter((port) => one[protocol].some(({ from, to }) => from <= port && port <= to))
        .map((port) => `${protocol} ${port}`),
    ),
  );

describe('sets of ports', () => {
  it('are joined, met and taken away as sets are, in ranges that rise and do not touch', () => {
    fc.assert(
      fc.property(set, set, (left, right) => {
        const [l, r] = [ports(left), ports(right)];
        expect(ports(unionOf([left, right]))).toEqual(l.union(r));
        expect(ports(intersectionOf(left, right))).toEqual(l.intersection(r));
        expect(ports(differenceOf(left, right))).toEqual(l.difference(r));
        for (const one of [unionOf([left, right]), intersectionOf(left, right), differenceOf(left, right)])
          for (const protocol of protocols)
            for (const [index, { from, to }] of one[protocol].entries()) {
              expect(from).toBeLessThanOrEqual(to);
              expect(from).toBeGreaterThan((one[protocol][index - 1]?.to ?? -1) + 1);
            }
      }),
    );
  });

  it.each([
    ['8080', '8080/TCP'],
    ['8000-8100/udp', '8000-8100/UDP'],
    ['all/SCTP', 'all SCTP'],
    ['1-65535/TCP', 'all TCP'],
  ])('%s is %s', (text, shown) => {
    expect(connectionsText(connectionsFrom(text)!)).toBe(shown);
  });

  it.each(['', '0', '65536', '9-8', '80/ICMP', 'web', '80/TCP/TCP'])('%s is none', (text) => {
    expect(connectionsFrom(text)).toBeUndefined();
  });

  it('say when they are everything, and nothing', () => {
    expect(connectionsText(allConnections)).toBe('all ports');
    expect(connectionsText(unionOf([]))).toBe('none');
    expect(isNone(differenceOf(allConnections, allConnections))).toBe(true);
  });
});
