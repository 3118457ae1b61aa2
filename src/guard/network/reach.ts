import { joinedRanges, piecesOf, rangeText, type AddressRange } from '../../lib/index.ts';
import { crossingOf, type Crossing, type Restriction, type Side } from './evaluation.ts';
import type { Endpoint, Network, Outside, PodGroup } from './network.ts';
import {
  allConnections,
  connectionsText,
  differenceOf,
  intersectionOf,
  isNone,
  type Connections,
} from './ports.ts';
import type { Way } from './policy.ts';
import { reasonOf, type Deciding, type ReachVerdict } from './reason.ts';

/** Whether one end reaches another. */
export interface Reach {
  readonly from: string;
  readonly to: string;
  readonly verdict: ReachVerdict;
  /** What passes for certain. */
  readonly ports: Connections;
  /** What may pass. */
  readonly doubtful: Connections;
  /** `NAMESPACE/NAME` of the policies that decided, sorted. */
  readonly policies: readonly string[];
  readonly reason: string;
  /** Sides that must let more through before a refused pair passes. */
  readonly closed: readonly Way[];
}

/**
 * Whether FROM reaches TO on the ports that are asked for: refused when none of them passes, allowed when one passes for
 * certain. Addresses that are answered differently are answered one by one.
 */
export function reach(
  network: Network,
  from: Endpoint,
  to: Endpoint,
  asked: Connections = allConnections,
): readonly Reach[] {
  const pieces = pairsOf(network, from, to).map(([source, target]) => ({
    source,
    target,
    answer: answerFor(crossingOf(network, source, target), { source, target, asked }),
  }));
  const groups = Map.groupBy(pieces, ({ answer }) =>
    JSON.stringify([answer.verdict, connectionsText(answer.ports), answer.policies]),
  );
  const isOne = groups.size === 1;
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = {
      from: isOne
        ? from.title
        : titleOf(
            from,
            group.map((one) => one.source),
          ),
      to: isOne
        ? to.title
        : titleOf(
            to,
            group.map((one) => one.target),
          ),
    };
    return [{ ...first.answer, ...names }];
  });
}

/** What passes between two ends without the reasons: one for each piece of addresses that is answered as a whole. */
export function passing(
  network: Network,
  from: Endpoint,
  to: Endpoint,
  asked: Connections,
): readonly Passing[] {
  return pairsOf(network, from, to).map(([source, target]) =>
    passingOf(crossingOf(network, source, target), asked),
  );
}

type Passing = Pick<Reach, 'verdict' | 'ports' | 'doubtful'>;

function passingOf(crossing: Crossing, asked: Connections): Passing {
  const ports = intersectionOf(crossing.sure, asked);
  const doubtful = differenceOf(intersectionOf(crossing.possible, asked), ports);
  return { verdict: verdictOf(ports, doubtful), ports, doubtful };
}

/** Both ends in pieces that every ipBlock holds as a whole, or not at all. */
function pairsOf(network: Network, from: Endpoint, to: Endpoint): readonly (readonly [Endpoint, Endpoint])[] {
  if (from.is === 'outside' && to.is === 'pods')
    return outsidePieces(network, from, to, 'ingress').map((piece) => [piece, to] as const);
  if (to.is === 'outside' && from.is === 'pods')
    return outsidePieces(network, to, from, 'egress').map((piece) => [from, piece] as const);
  return [[from, to]];
}

function outsidePieces(
  network: Network,
  outside: Outside,
  pod: PodGroup,
  way: 'ingress' | 'egress',
): readonly Outside[] {
  const { ranges } = outside;
  if (ranges === undefined) return [outside];
  const borders = (network.policies.get(pod.namespace) ?? []).flatMap((policy) =>
    (policy[way] ?? []).flatMap((rule) =>
      (rule.peers ?? []).flatMap((peer) => (peer.is === 'addresses' ? peer.ranges : [])),
    ),
  );
  return ranges.flatMap((range) =>
    piecesOf(range, borders).map((piece) => ({ ...outside, ranges: [piece] })),
  );
}

const shownRanges = 4;

function titleOf(end: Endpoint, pieces: readonly Endpoint[]): string {
  if (end.is === 'pods') return end.title;
  const ranges = joinedRanges(pieces.flatMap(rangesOf));
  const shown = ranges.slice(0, shownRanges).map(rangeText).join(', ');
  const more = ranges.length > shownRanges ? ` and ${ranges.length - shownRanges} more ranges` : '';
  const texts = `${shown}${more}`;
  return texts === end.title ? texts : `${end.title} (${texts})`;
}

function rangesOf(end: Endpoint): readonly AddressRange[] {
  return end.is === 'outside' ? (end.ranges ?? []) : [];
}

interface Asked {
  readonly source: Endpoint;
  readonly target: Endpoint;
  readonly asked: Connections;
}

function answerFor(crossing: Crossing, { source, target, asked }: Asked): Reach {
  const { verdict, ports, doubtful } = passingOf(crossing, asked);
  const refusedBy = verdict === 'refused' ? refusing(crossing, asked) : undefined;
  const deciding = decidingOf(crossing, verdict, refusedBy, asked);
  return {
    from: source.title,
    to: target.title,
    verdict,
    ports,
    doubtful,
    policies: policyNames([...deciding.egress, ...deciding.ingress]),
    reason: reasonOf({ verdict, refusedBy, crossing, deciding, asked }),
    closed: verdict === 'refused' ? closedSides(crossing, asked) : [],
  };
}

function verdictOf(ports: Connections, doubtful: Connections): ReachVerdict {
  if (!isNone(ports)) return 'allowed';
  return isNone(doubtful) ? 'refused' : 'unknown';
}

type RefusedBy = 'egress' | 'ingress' | 'both' | undefined;

// A side that only perhaps lets it through must be opened too; two that let through different ports, both.
function closedSides(crossing: Crossing, asked: Connections): readonly Way[] {
  const ways = ['egress', 'ingress'] as const;
  const closed = ways.filter((way) => isNone(intersectionOf(crossing[way].sure, asked)));
  return closed.length === 0 ? ways : closed;
}

function refusing(crossing: Crossing, asked: Connections): RefusedBy {
  const stops = (side: Side): boolean => isNone(intersectionOf(side.possible, asked));
  const [out, into] = [stops(crossing.egress), stops(crossing.ingress)];
  if (out === into) return 'both';
  return out ? 'egress' : 'ingress';
}

// Who lets through decides what passes; where nothing does, all that restrict decide together.
function decidingOf(
  { egress, ingress }: Crossing,
  verdict: ReachVerdict,
  refusedBy: RefusedBy,
  asked: Connections,
): Deciding {
  if (verdict === 'refused')
    return {
      egress: refusedBy === 'ingress' ? [] : egress.restrictions,
      ingress: refusedBy === 'egress' ? [] : ingress.restrictions,
    };
  const isSure = verdict === 'allowed';
  const letting = (side: Side): readonly Restriction[] =>
    side.restrictions.filter(
      ({ selects, lets }) =>
        (!isSure && selects === 'maybe') ||
        !isNone(intersectionOf(isSure ? lets.sure : lets.possible, asked)),
    );
  return { egress: letting(egress), ingress: letting(ingress) };
}

/** `shop-web/toryo-default-deny`, each once, sorted. */
export function policyNames(restrictions: readonly Restriction[]): readonly string[] {
  return [...new Set(restrictions.map(({ policy }) => `${policy.namespace}/${policy.name}`))].sort();
}
