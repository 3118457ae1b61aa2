import { rangeOf } from '../../lib/index.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossingOf } from './evaluation.ts';
import { anyPodIn, networkOf, type PodGroup } from './network.ts';
import { protocols, type Connections, type Protocol } from './ports.ts';
import { reach } from './reach.ts';
import { naiveVerdict, type NaiveCall, type NaivePod, type Ternary } from './testing/naive.ts';
import { askedPorts, objectsOf, world } from './testing/worlds.ts';

const has = (set: Connections, protocol: Protocol, port: number): boolean =>
  set[protocol].some((range) => range.from <= port && port <= range.to);

const spanVerdict = (
  { sure, possible }: { sure: Connections; possible: Connections },
  protocol: Protocol,
  port: number,
): Ternary => {
  if (has(sure, protocol, port)) return 'yes';
  return has(possible, protocol, port) ? 'maybe' : 'no';
};

const podAt = (groups: readonly PodGroup[], index: number): PodGroup =>
  groups.find((group) => group.title.endsWith(`/pod-${index}`))!;

/** Every pair of pods, every port and every protocol of a world. */
function callsOf(pods: readonly NaivePod[]): readonly { call: NaiveCall; from: number; to: number }[] {
  return pods.flatMap((source, from) =>
    pods.flatMap((destination, to) =>
      protocols.flatMap((protocol) =>
        askedPorts.map((port) => ({ call: { source, destination, port, protocol }, from, to })),
      ),
    ),
  );
}

describe('the evaluation and an independent, naive one', () => {
  it('agree on every pair of pods, every port and every protocol of 5,000 worlds', () => {
    const seen = { yes: 0, no: 0, maybe: 0 };
    fc.assert(
      fc.property(world, (made) => {
        const network = networkOf(objectsOf(made));
        const crossings = made.pods.map((_source, from) =>
          made.pods.map((_destination, to) =>
            crossingOf(network, podAt(network.groups, from), podAt(network.groups, to)),
          ),
        );
        for (const { call, from, to } of callsOf(made.pods)) {
          const naive = naiveVerdict(made.world, call);
          seen[naive] += 1;
          const told = spanVerdict(crossings[from]![to]!, call.protocol as Protocol, call.port);
          if (told !== naive)
            expect.fail(`${from} -> ${to} ${call.port}/${call.protocol}: ${told}, ${naive}`);
        }
      }),
      { numRuns: 5000, seed: 20_261_121 },
    );
    const compared = seen.yes + seen.no + seen.maybe;
    expect(compared).toBeGreaterThan(1_000_000);
    // Each answer is common enough to be a comparison.
    for (const count of Object.values(seen)) expect(count / compared).toBeGreaterThan(0.05);
  });

  it('agree that what is told of any pod holds for each that there is', () => {
    fc.assert(
      fc.property(world, (made) => {
        const network = networkOf(objectsOf(made));
        for (const { call } of callsOf(made.pods.filter((pod) => !pod.hostNetwork))) {
          const [source, destination] = [call.source.namespace, call.destination.namespace].map(anyPodIn);
          const whole = crossingOf(network, source!, destination!);
          const told = spanVerdict(whole, call.protocol as Protocol, call.port);
          const naive = naiveVerdict(made.world, call);
          if (told !== 'maybe' && told !== naive)
            expect.fail(`${source!.title} -> ${destination!.title} ${call.port}/${call.protocol}: ${told}`);
        }
      }),
      { numRuns: 1000, seed: 20_261_122 },
    );
  });

  it('agree on addresses: what is answered for a block holds for each address in it', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const block = fc.record({ second: octet, length: fc.integer({ min: 8, max: 24 }), hole: octet });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 4 }), fc.integer({ min: 8, max: 16 }), (blocks, length) => {
        const to = blocks.map(({ second, length, hole }) => {
          const from = `10.${second}.0.0/${length}`;
          return { ipBlock: { cidr: from, except: [`10.${second}.${hole}.0/24`] } };
        });
        const policy = {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: 'out', namespace: 'one' },
          spec: { podSelector: {}, policyTypes: ['Egress'], egress: to.map((peer) => ({ to: [peer] })) },
        };
        const network = networkOf([policy]);
        const ask = (cidr: string) =>
          reach(network, anyPodIn('one'), { is: 'outside', title: cidr, ranges: [rangeOf(cidr)!] });
        const whole = ask(`10.0.0.0/${length}`);
        const mask = (bits: number): number => (bits === 0 ? 0 : (~0 << (32 - bits)) >>> 0);
        for (let second = 0; second < 2 ** (16 - length); second += 7) {
          const address = (10 << 24) + (second << 16) + (second << 8) + 1;
          const isLet = blocks.some(
            (one) =>
              (address & mask(one.length)) === (((10 << 24) + (one.second << 16)) & mask(one.length)) &&
              !(one.second === second && one.hole === (second & 255)),
          );
          const [single] = ask(`10.${second}.${second & 255}.1`);
          expect(single?.verdict).toBe(isLet ? 'allowed' : 'refused');
          expect(whole.map((one) => one.verdict)).toContain(single?.verdict);
        }
      }),
      { numRuns: 200, seed: 20_261_123 },
    );
  });
});
