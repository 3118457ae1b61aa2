/** The protocols that a NetworkPolicy can name. */
export const protocols = ['TCP', 'UDP', 'SCTP'] as const;

export type Protocol = (typeof protocols)[number];

/** Ports from `from` to `to`, both included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Ports by protocol: ranges that rise, and neither overlap nor touch. */
export type Connections = Readonly<Record<Protocol, readonly PortRange[]>>;

const last = 65_535;
const whole: readonly PortRange[] = [{ from: 1, to: last }];

/** No port of any protocol. */
export const noConnections: Connections = { TCP: [], UDP: [], SCTP: [] };

/** Every port of every protocol. */
export const allConnections: Connections = { TCP: whole, UDP: whole, SCTP: whole };

/** Ports of one protocol; all of them when no range is given. */
export function connectionsOn(protocol: Protocol, range: PortRange = { from: 1, to: last }): Connections {
  return { ...noConnections, [protocol]: range.from > range.to ? [] : [range] };
}

function eachProtocol(make: (protocol: Protocol) => readonly PortRange[]): Connections {
  return { TCP: make('TCP'), UDP: make('UDP'), SCTP: make('SCTP') };
}

/** What any of them lets through. */
export function unionOf(sets: Iterable<Connections>): Connections {
  const list = [...sets].filter((one) => one !== noConnections);
  const [first, ...more] = list;
  if (first === undefined) return noConnections;
  if (more.length === 0 || list.includes(allConnections)) return more.length === 0 ? first : allConnections;
  return eachProtocol((protocol) => merged(list.flatMap((one) => one[protocol])));
}

function merged(ranges: readonly PortRange[]): readonly PortRange[] {
  const result: PortRange[] = [];
  for (const range of ranges.toSorted((left, right) => left.from - right.from)) {
    const before = result.at(-1);
    if (before === undefined || range.from > before.to + 1) result.push(range);
    else if (range.to > before.to) result[result.length - 1] = { from: before.from, to: range.to };
  }
  return result;
}

/** What both let through. */
export function intersectionOf(left: Connections, right: Connections): Connections {
  if (left === allConnections || right === noConnections) return right;
  if (right === allConnections || left === noConnections) return left;
  return eachProtocol((protocol) => overlapsOf(left[protocol], right[protocol]));
}

function overlapsOf(left: readonly PortRange[], right: readonly PortRange[]): readonly PortRange[] {
  return left.flatMap((one) =>
    right.flatMap((other) => {
      const range = { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) };
      return range.from > range.to ? [] : [range];
    }),
  );
}

/** What the first lets through and the second does not. */
export function differenceOf(from: Connections, taken: Connections): Connections {
  if (from === noConnections || taken === noConnections) return from;
  return eachProtocol((protocol) => overlapsOf(from[protocol], gapsOf(taken[protocol])));
}

function gapsOf(ranges: readonly PortRange[]): readonly PortRange[] {
  const gaps: PortRange[] = [];
  let next = 1;
  for (const range of ranges) {
    if (range.from > next) gaps.push({ from: next, to: range.from - 1 });
    next = range.to + 1;
  }
  if (next <= last) gaps.push({ from: next, to: last });
  return gaps;
}

/** True when nothing passes. */
export function isNone(set: Connections): boolean {
  return protocols.every((protocol) => set[protocol].length === 0);
}

/** True when every port of every protocol passes. */
function isAll(set: Connections): boolean {
  return isNone(differenceOf(allConnections, set));
}

/** `8080/TCP, 9000-9100/TCP, all UDP`; `all ports` and `none` for the two ends. */
export function connectionsText(set: Connections): string {
  if (isAll(set)) return 'all ports';
  const parts = protocols.flatMap((protocol) =>
    set[protocol].map(({ from, to }) => {
      if (from === 1 && to === last) return `all ${protocol}`;
      return from === to ? `${from}/${protocol}` : `${from}-${to}/${protocol}`;
    }),
  );
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** True for TCP, UDP and SCTP. */
export function isProtocol(text: string): text is Protocol {
  return protocols.some((protocol) => protocol === text);
}

/** Reads `8080`, `8080/TCP`, `8000-8100/UDP` or `all/SCTP`; undefined for another text. TCP when no protocol is written. */
export function connectionsFrom(text: string): Connections | undefined {
  const match = /^(?:(\d{1,5})(?:-(\d{1,5}))?|all)(?:\/([A-Za-z]+))?$/.exec(text);
  if (match === null) return undefined;
  const protocol = (match[3] ?? 'TCP').toUpperCase();
  if (!isProtocol(protocol)) return undefined;
  if (match[1] === undefined) return connectionsOn(protocol);
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  return from < 1 || to > last || from > to ? undefined : connectionsOn(protocol, { from, to });
}
