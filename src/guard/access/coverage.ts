import { compareText } from '../../lib/index.ts';
import { coversResource, coversUrl, hasOrAll, type Rule } from './rule.ts';

/** A piece of a rule: some verbs on one kind of resource, of one name or (undefined) any; or on one URL. */
export interface Piece {
  readonly verbs: readonly string[];
  readonly group?: string;
  readonly resource?: string;
  readonly name?: string;
  readonly url?: string;
}

/**
 * What a rule allows and none of the others does. A wildcard is only covered by a wildcard: it also means what does not exist
 * yet, so no list of names is as much. For the same reason one piece is covered by one rule or by none.
 */
export class Coverage {
  readonly #ids = new Map<string, number>();
  readonly #known = new Map<string, readonly Piece[]>();
  readonly #numbers = new Map<readonly Piece[], number>();
  readonly #rights = new Map<string, readonly Rights[]>();

  /** A short name of some rules, the same for the same set. */
  idOf(rules: readonly Rule[]): string {
    return [...new Set(rules.map((rule) => this.#idOf(rule)))].sort((left, right) => left - right).join(' ');
  }

  /** Pieces of the rule that are left when the others, whose idOf is given, are taken away. */
  remainder(rule: Rule, others: readonly Rule[], othersId: string): readonly Piece[] {
    const key = `${this.#idOf(rule)}/${othersId}`;
    const known = this.#known.get(key) ?? remainderOf(rule, others);
    this.#known.set(key, known);
    return known;
  }

  /** The same as rightsOf of them all, made once for the same remainders. */
  rightsIn(remainders: readonly (readonly Piece[])[]): readonly Rights[] {
    const key = remainders.map((one) => this.#numberOf(one)).join(' ');
    const known = this.#rights.get(key) ?? rightsOf(remainders.flat());
    this.#rights.set(key, known);
    return known;
  }

  #numberOf(remainder: readonly Piece[]): number {
    const number = this.#numbers.get(remainder) ?? this.#numbers.size;
    this.#numbers.set(remainder, number);
    return number;
  }

  #idOf(rule: Rule): number {
    const id = this.#ids.get(rule.key) ?? this.#ids.size;
    this.#ids.set(rule.key, id);
    return id;
  }
}

function remainderOf(rule: Rule, others: readonly Rule[]): readonly Piece[] {
  if (others.some((other) => other.key === rule.key)) return [];
  const verbs = [...rule.verbs];
  return thingsOf(rule).flatMap((thing) => {
    const covering = others.filter((other) => coversThing(other, thing));
    const left =
      covering.length === 0
        ? verbs
        : verbs.filter((verb) => !covering.some((one) => hasOrAll(one.verbs, verb)));
    return left.length === 0 ? [] : [{ ...thing, verbs: left }];
  });
}

/** True for the pieces of a rule of which nothing was taken away. */
export function isWhole(rule: Rule, pieces: readonly Piece[]): boolean {
  const { urls, groups, resources, names, verbs } = rule;
  const things = urls.size + groups.size * resources.size * Math.max(1, names.size);
  return pieces.length === things && pieces.every((piece) => piece.verbs.length === verbs.size);
}

type Thing = Omit<Piece, 'verbs'>;

function thingsOf(rule: Rule): readonly Thing[] {
  const names = rule.names.size === 0 ? [{}] : [...rule.names].map((name) => ({ name }));
  return [
    ...[...rule.urls].map((url) => ({ url })),
    ...[...rule.groups].flatMap((group) =>
      [...rule.resources].flatMap((resource) => names.map((named) => ({ group, resource, ...named }))),
    ),
  ];
}

/** Whether a rule is about all that a piece of another one is about. */
function coversThing(rule: Rule, { url, group = '', resource = '', name }: Thing): boolean {
  if (url !== undefined) return [...rule.urls].some((own) => coversUrl(own, url));
  const hasName = rule.names.size === 0 || (name !== undefined && rule.names.has(name));
  return hasName && hasOrAll(rule.groups, group) && coversResource(rule.resources, resource);
}

/** Pieces put together for people: the same verbs on these resources. */
export interface Rights {
  readonly verbs: readonly string[];
  /** `pods/exec`, `deployments.apps`; empty for URLs. */
  readonly resources: readonly string[];
  /** Empty: of any name. */
  readonly names: readonly string[];
  readonly urls: readonly string[];
}

/** Gathers pieces: the verbs of each resource, the resources with the same verbs, the names with the same of both. */
function rightsOf(pieces: readonly Piece[]): readonly Rights[] {
  const things = grouped(
    pieces,
    ({ url = '', group = '', resource = '', name }) =>
      `${url}\n${group}\n${resource}\n${name === undefined ? '' : `=${name}`}`,
  );
  const single = things.map(({ first, same }): Rights => ({
    // Those of one rule are sorted already.
    verbs: same.length === 1 ? first.verbs : sortedOnce(same.flatMap((one) => one.verbs)),
    resources: first.url === undefined ? [resourceTitle(first.group, first.resource)] : [],
    names: first.name === undefined ? [] : [first.name],
    urls: first.url === undefined ? [] : [first.url],
  }));
  const alike = ({ verbs, names, urls }: Rights): string =>
    `${verbs.join(' ')}\n${names.map((name) => `=${name}`).join('')}\n${urls.length}`;
  const joined = grouped(single, alike).map(({ first, same }): Rights => ({
    ...first,
    resources: sortedOnce(same.flatMap((one) => one.resources)),
    urls: sortedOnce(same.flatMap((one) => one.urls)),
  }));
  const named = ({ verbs, resources, urls, names }: Rights): string =>
    JSON.stringify([verbs, resources, urls, names.length]);
  return grouped(joined, named).map(({ first, same }) => ({
    ...first,
    names: sortedOnce(same.flatMap((one) => one.names)),
  }));
}

function grouped<T>(
  all: readonly T[],
  keyOf: (one: T) => string,
): readonly { readonly first: T; readonly same: readonly T[] }[] {
  const groups = Map.groupBy(all, keyOf);
  return [...groups.values()].flatMap((same) => (same[0] === undefined ? [] : [{ first: same[0], same }]));
}

/** `pods`, `deployments.apps/scale`, `*.*`. */
function resourceTitle(group = '', resource = ''): string {
  if (group === '') return resource;
  const slash = resource.indexOf('/');
  return slash < 0 ? `${resource}.${group}` : `${resource.slice(0, slash)}.${group}${resource.slice(slash)}`;
}

function sortedOnce(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort(compareText);
}
