import { traversal } from '../cost.ts';
import { CelObject, failed, sizeOf, valueText, type Value } from '../value.ts';
import { addressIn, addressText, masked, widthOf, type Address } from './address.ts';
import { member, plain, textOf, type Row } from './row.ts';

/** `ip("…")` */
class Ip extends CelObject {
  readonly typeName = 'net.IP';
  readonly address: Address;
  constructor(address: Address) {
    super();
    this.address = address;
  }
  override size(): number {
    return widthOf(this.address) / 8;
  }
  override toString(): string {
    return addressText(this.address);
  }
  equals(other: Value): boolean {
    return other instanceof Ip && String(other) === String(this);
  }
}

/** `cidr("…")` */
class Cidr extends CelObject {
  readonly typeName = 'net.CIDR';
  readonly address: Address;
  readonly prefix: number;
  constructor(address: Address, prefix: number) {
    super();
    this.address = address;
    this.prefix = prefix;
  }
  override size(): number {
    return Math.ceil(this.prefix / 8);
  }
  override toString(): string {
    return `${addressText(this.address)}/${this.prefix}`;
  }
  equals(other: Value): boolean {
    return other instanceof Cidr && String(other) === String(this);
  }
}

const mapped = 0xffffn;

function allowed(address: Address | string): Address | string {
  if (typeof address === 'string') return address;
  const isMapped = address.family === 6 && address.bits >> 32n === mapped;
  return isMapped ? 'IPv4-mapped IPv6 address is not allowed' : address;
}

function ipIn(text: string): Ip | string {
  const address = allowed(addressIn(text));
  if (typeof address !== 'string') return new Ip(address);
  return `IP Address ${JSON.stringify(text)} parse error during conversion from string: ${address}`;
}

function cidrIn(text: string): Cidr | string {
  const found = prefixIn(text);
  if (typeof found !== 'string') return found;
  const what = 'network address parse error during conversion from string: ';
  return `${what}${what}${found}`;
}

function prefixIn(text: string): Cidr | string {
  const slash = text.lastIndexOf('/');
  const said = (why: string): string => `netip.ParsePrefix(${JSON.stringify(text)}): ${why}`;
  if (slash < 0) return said("no '/'");
  const address = addressIn(text.slice(0, slash));
  if (typeof address === 'string') return said(address);
  const bits = text.slice(slash + 1);
  if (!/^(0|[1-9]\d*)$/.test(bits)) return said(`bad bits after slash: ${JSON.stringify(bits)}`);
  if (Number(bits) > widthOf(address)) return said('prefix length out of range');
  const fine = allowed(address);
  return typeof fine === 'string' ? fine : new Cidr(address, Number(bits));
}

function ipOf(value: Value | undefined): Ip | string {
  return value instanceof Ip ? value : ipIn(textOf(value));
}

function cidrOf(value: Value | undefined): Cidr | string {
  return value instanceof Cidr ? value : cidrIn(textOf(value));
}

function covers(cidr: Value | undefined, address: Address): boolean {
  if (!(cidr instanceof Cidr) || cidr.address.family !== address.family) return false;
  return masked(address, cidr.prefix).bits === masked(cidr.address, cidr.prefix).bits;
}

function containsIp([cidr, other]: readonly Value[]): Value {
  const ip = ipOf(other);
  return typeof ip === 'string' ? failed(ip) : covers(cidr, ip.address);
}

function containsCidr([cidr, other]: readonly Value[]): Value {
  const inner = cidrOf(other);
  if (typeof inner === 'string') return failed(inner);
  return cidr instanceof Cidr && inner.prefix >= cidr.prefix && covers(cidr, inner.address);
}

interface Range {
  readonly address: bigint;
  readonly bits: number;
}

/** The ranges that Go's net/netip calls by these names: version 4, version 6. */
const ranges: Readonly<Record<string, readonly [four: Range, six: Range]>> = {
  isUnspecified: [
    { address: 0n, bits: 32 },
    { address: 0n, bits: 128 },
  ],
  isLoopback: [
    { address: 127n << 24n, bits: 8 },
    { address: 1n, bits: 128 },
  ],
  isLinkLocalMulticast: [
    { address: 0xe0000000n, bits: 24 },
    { address: 0xff02n << 112n, bits: 16 },
  ],
  isLinkLocalUnicast: [
    { address: 0xa9fe0000n, bits: 16 },
    { address: 0xfe80n << 112n, bits: 10 },
  ],
  multicast: [
    { address: 0xe0000000n, bits: 4 },
    { address: 0xffn << 120n, bits: 8 },
  ],
};

function isIn(address: Address, name: string): boolean {
  const range = ranges[name]?.[address.family === 4 ? 0 : 1];
  return range !== undefined && masked(address, range.bits).bits === range.address;
}

function isGlobal(address: Address): boolean {
  const isBroadcast = address.family === 4 && address.bits === 0xffffffffn;
  const others = ['isUnspecified', 'isLoopback', 'multicast', 'isLinkLocalUnicast'];
  return !isBroadcast && !others.some((name) => isIn(address, name));
}

const onIp =
  (read: (address: Address) => Value) =>
  ([ip]: readonly Value[]) =>
    ip instanceof Ip ? read(ip.address) : failed('no such overload');
const onCidr =
  (read: (cidr: Cidr) => Value) =>
  ([cidr]: readonly Value[]) =>
    cidr instanceof Cidr ? read(cidr) : failed('no such overload');
const orFailed = (value: CelObject | string): Value => (typeof value === 'string' ? failed(value) : value);

const once = ([text = null]: readonly Value[]): number => traversal(sizeOf(text));
const compare = ([cidr = null]: readonly Value[]): number => traversal(sizeOf(cidr), 2);
const parse = (value: Value = null): number => (typeof value === 'string' ? traversal(sizeOf(value)) : 0);
const compareIp = (args: readonly Value[]): number => compare(args) + parse(args[1]);
const compareCidr = (args: readonly Value[]): number =>
  compareIp(args) + traversal(sizeOf(args[0] ?? null)) + 1;

const rows: readonly Row[] = [
  plain('ip', 'string -> IP', ([text]) => orFailed(ipIn(textOf(text))), { cost: once }),
  plain('isIP', 'string -> bool', ([text]) => ipIn(textOf(text)) instanceof Ip, { cost: once }),
  plain(
    'ip.isCanonical',
    'string -> bool',
    ([text]) => {
      const ip = ipIn(textOf(text));
      return typeof ip === 'string' ? failed(ip) : String(ip) === text;
    },
    { cost: ([text = null]) => traversal(sizeOf(text), 2) },
  ),
  member(
    'family',
    'IP -> int',
    onIp(({ family }) => BigInt(family)),
  ),
  ...['isUnspecified', 'isLoopback', 'isLinkLocalMulticast', 'isLinkLocalUnicast'].map((name) =>
    member(
      name,
      'IP -> bool',
      onIp((address) => isIn(address, name)),
    ),
  ),
  member('isGlobalUnicast', 'IP -> bool', onIp(isGlobal)),
  plain('string', 'IP -> string', ([ip = null]) => valueText(ip)),
  plain('cidr', 'string -> CIDR', ([text]) => orFailed(cidrIn(textOf(text))), { cost: once }),
  plain('isCIDR', 'string -> bool', ([text]) => cidrIn(textOf(text)) instanceof Cidr, { cost: once }),
  ...['IP', 'string'].map((type) =>
    member('containsIP', `CIDR, ${type} -> bool`, containsIp, { cost: compareIp }),
  ),
  ...['CIDR', 'string'].map((type) =>
    member('containsCIDR', `CIDR, ${type} -> bool`, containsCidr, { cost: compareCidr }),
  ),
  member(
    'ip',
    'CIDR -> IP',
    onCidr(({ address }) => new Ip(address)),
  ),
  member(
    'masked',
    'CIDR -> CIDR',
    onCidr(({ address, prefix }) => new Cidr(masked(address, prefix), prefix)),
  ),
  member(
    'prefixLength',
    'CIDR -> int',
    onCidr(({ prefix }) => BigInt(prefix)),
  ),
  plain('string', 'CIDR -> string', ([cidr = null]) => valueText(cidr)),
];

/** Addresses and networks, since 1.30. */
export const networkRows: readonly Row[] = rows.map(([name, overload]) => [name, { ...overload, since: 30 }]);
