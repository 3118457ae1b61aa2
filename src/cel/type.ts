/** A type of CEL: `int`, `list` of something, `dyn`; a name that starts with `$` stands for any type, the same everywhere in one signature. */
export interface Type {
  readonly name: string;
  readonly args: readonly Type[];
}

/** A type without parameters. */
export function simple(name: string): Type {
  return { name, args: [] };
}

export const dyn: Type = simple('dyn');
export const bool: Type = simple('bool');
export const int: Type = simple('int');
/** The type of what was already found wrong: it fits everything, so that one mistake is said once. */
export const wrong: Type = simple('!error!');

export function listOf(item: Type): Type {
  return { name: 'list', args: [item] };
}

export function mapOf(key: Type, value: Type): Type {
  return { name: 'map', args: [key, value] };
}

export function optionalOf(value: Type): Type {
  return { name: 'optional_type', args: [value] };
}

const shortNames: Readonly<Record<string, string>> = {
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  null: 'null_type',
  optional: 'optional_type',
  IP: 'net.IP',
  CIDR: 'net.CIDR',
  URL: 'kubernetes.URL',
  Quantity: 'kubernetes.Quantity',
  Semver: 'kubernetes.Semver',
  Format: 'kubernetes.NamedFormat',
  Authorizer: 'kubernetes.authorization.Authorizer',
  PathCheck: 'kubernetes.authorization.PathCheck',
  GroupCheck: 'kubernetes.authorization.GroupCheck',
  ResourceCheck: 'kubernetes.authorization.ResourceCheck',
  Decision: 'kubernetes.authorization.Decision',
};

/** Reads `map<string, list<A>>`; a capital letter alone is a parameter. */
export function typeIn(text: string): Type {
  const [head, rest] = splitAt(text.trim(), '<');
  const args = rest === '' ? [] : partsOf(rest.slice(0, -1)).map(typeIn);
  return { name: /^[A-Z]$/.test(head) ? `$${head}` : (shortNames[head] ?? head), args };
}

/** Splits at the commas that are not inside `<>`. */
export function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at <= text.length; at += 1) {
    if (text[at] === '<') depth += 1;
    if (text[at] === '>') depth -= 1;
    if (at === text.length || (text[at] === ',' && depth === 0)) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function splitAt(text: string, mark: string): readonly [string, string] {
  const index = text.indexOf(mark);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

/** As cel-go writes types in its messages. */
export function typeText({ name, args }: Type): string {
  if (name === 'null_type') return 'null';
  if (name === 'google.protobuf.Timestamp') return 'timestamp';
  if (name === 'google.protobuf.Duration') return 'duration';
  if (isVariable(name)) return name.slice(1).replace(/^_\d+$/, 'dyn');
  return args.length === 0 ? name : `${name}(${args.map(typeText).join(', ')})`;
}

export function isVariable(name: string): boolean {
  return name.startsWith('$');
}

/** Fits everything. */
export function isLoose({ name }: Type): boolean {
  return name === 'dyn' || name === wrong.name;
}

/** What the variables in types stand for, as far as it was found out. */
export class Bindings {
  #bound: Map<string, Type> = new Map();
  #count = 0;

  /** A variable of its own for each parameter of a signature. */
  renamed(types: readonly Type[]): readonly Type[] {
    const names = new Map<string, string>();
    const rename = ({ name, args }: Type): Type => {
      if (!isVariable(name)) return { name, args: args.map(rename) };
      const fresh = names.get(name) ?? this.fresh().name;
      names.set(name, fresh);
      return simple(fresh);
    };
    return types.map(rename);
  }

  fresh(): Type {
    this.#count += 1;
    return simple(`$_${this.#count}`);
  }

  /** The type with its variables replaced; those that nothing is known of stay. */
  resolved(type: Type): Type {
    if (!isVariable(type.name)) return { name: type.name, args: type.args.map((one) => this.resolved(one)) };
    const bound = this.#bound.get(type.name);
    return bound === undefined ? type : this.resolved(bound);
  }

  /** The type with dyn for what nothing is known of. */
  settled(type: Type): Type {
    const settle = ({ name, args }: Type): Type =>
      isVariable(name) ? dyn : { name, args: args.map(settle) };
    return settle(this.resolved(type));
  }

  /** Whether all values fit all types; what follows for the variables is remembered only then. */
  fitAll(wanted: readonly Type[], given: readonly Type[]): boolean {
    const before = new Map(this.#bound);
    const isFit =
      wanted.length === given.length && wanted.every((one, i) => this.#fits(one, given[i] ?? dyn));
    if (!isFit) this.#bound = before;
    return isFit;
  }

  fits(wanted: Type, given: Type): boolean {
    return this.fitAll([wanted], [given]);
  }

  #fits(wanted: Type, given: Type): boolean {
    const [left, right] = [this.#head(wanted), this.#head(given)];
    if (isVariable(right.name)) return this.#bind(right.name, left);
    if (isVariable(left.name)) return this.#bind(left.name, right);
    return isAlike(left, right) || (left.name === right.name && this.#areFit(left.args, right.args));
  }

  #areFit(wanted: readonly Type[], given: readonly Type[]): boolean {
    const isEven = wanted.length === given.length;
    return isEven && wanted.every((one, index) => this.#fits(one, given[index] ?? dyn));
  }

  /** The type itself, or what its variable stands for; not looked into. */
  #head(type: Type): Type {
    const bound = isVariable(type.name) ? this.#bound.get(type.name) : undefined;
    return bound === undefined ? type : this.#head(bound);
  }

  #bind(name: string, type: Type): boolean {
    const resolved = this.resolved(type);
    if (resolved.name !== name && mentions(resolved, name)) return false;
    if (resolved.name !== name) this.#bound.set(name, resolved);
    return true;
  }
}

/** Types that fit without a look at their parameters. */
function isAlike(wanted: Type, given: Type): boolean {
  if (isLoose(wanted) || isLoose(given)) return true;
  if (given.name === 'null_type' && isNullable(wanted)) return true;
  return wanted.name === 'type' && given.name === 'type';
}

const plainTypes: ReadonlySet<string> = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'list',
  'map',
  'type',
]);

function isNullable({ name }: Type): boolean {
  return !plainTypes.has(name);
}

function mentions(type: Type, name: string): boolean {
  return type.name === name || type.args.some((one) => mentions(one, name));
}
