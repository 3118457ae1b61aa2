import { traversal } from '../cost.ts';
import { CelObject, failed, sizeOf, type Value } from '../value.ts';
import { member, plain, textOf, type Row } from './row.ts';

interface Version {
  readonly numbers: readonly bigint[];
  readonly before: readonly string[];
  readonly text: string;
}

/** `semver("…")`; what comes after a `+` counts for nothing. */
class Semver extends CelObject {
  readonly typeName = 'kubernetes.Semver';
  readonly version: Version;
  constructor(version: Version) {
    super();
    this.version = version;
  }
  override toString(): string {
    return this.version.text;
  }
  equals(other: Value): boolean {
    return other instanceof Semver && order([this, other]) === 0n;
  }
}

/** Leading `v` and zeros taken away, missing parts made 0. */
function normalized(text: string): string {
  const [head = '', ...rest] = text.replace(/^v/, '').split(/(?=[-+])/);
  const parts = head.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3 && rest.length === 0) parts.push('0');
  return `${parts.join('.')}${rest.join('')}`;
}

const form = /^([^-+]*)(?:-([^+]*))?(?:\+(.*))?$/s;

function semverIn(text: string): Semver | string {
  if (text === '') return 'Version string empty';
  const [, core = '', before, build] = form.exec(text) ?? [];
  const parts = core.split('.');
  if (parts.length !== 3) return 'No Major.Minor.Patch elements found';
  const problem = numbersProblem(parts) ?? tagsProblem(before, build);
  if (problem !== undefined) return problem;
  return new Semver({ numbers: parts.map(BigInt), before: before?.split('.') ?? [], text });
}

const names = ['major', 'minor', 'patch'] as const;

function numbersProblem(parts: readonly string[]): string | undefined {
  for (const [index, part] of parts.entries()) {
    const name = names[index] ?? 'patch';
    const title = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
    if (!/^\d+$/.test(part)) return `Invalid character(s) found in ${name} number ${JSON.stringify(part)}`;
    if (/^0\d/.test(part)) return `${title} number must not contain leading zeroes ${JSON.stringify(part)}`;
  }
  return undefined;
}

function tagsProblem(before: string | undefined, build: string | undefined): string | undefined {
  for (const tag of before?.split('.') ?? []) {
    if (tag === '') return 'Prerelease is empty';
    if (!/^[0-9A-Za-z-]+$/.test(tag))
      return `Invalid character(s) found in prerelease ${JSON.stringify(tag)}`;
    if (/^0\d+$/.test(tag))
      return `Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(tag)}`;
  }
  const wrong = build?.split('.').find((tag) => !/^[0-9A-Za-z-]+$/.test(tag));
  if (wrong === undefined) return undefined;
  return wrong === ''
    ? 'Build meta data is empty'
    : `Invalid character(s) found in build meta data ${JSON.stringify(wrong)}`;
}

function versionOf(value: Value | undefined): Version {
  return value instanceof Semver ? value.version : { numbers: [], before: [], text: '' };
}

function order([left, right]: readonly Value[]): bigint {
  const [first, second] = [versionOf(left), versionOf(right)];
  for (const [index, number] of first.numbers.entries()) {
    const other = second.numbers[index] ?? 0n;
    if (number !== other) return number < other ? -1n : 1n;
  }
  return tagsOrder(first.before, second.before);
}

/** A version before a release is less than the release; then part by part, fewer parts first. */
function tagsOrder(left: readonly string[], right: readonly string[]): bigint {
  if (left.length === 0 || right.length === 0) {
    if (left.length === right.length) return 0n;
    return left.length === 0 ? 1n : -1n;
  }
  for (const [index, tag] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1n;
    const found = tagOrder(tag, other);
    if (found !== 0n) return found;
  }
  return left.length < right.length ? -1n : 0n;
}

function tagOrder(left: string, right: string): bigint {
  const [first, second] = [left, right].map((tag) => (/^\d+$/.test(tag) ? BigInt(tag) : tag));
  if (first === second || first === undefined || second === undefined) return 0n;
  if (typeof first !== typeof second) return typeof first === 'bigint' ? -1n : 1n;
  return first < second ? -1n : 1n;
}

const once = ([text = null]: readonly Value[]): number => traversal(sizeOf(text));
const read = ([text, isLoose]: readonly Value[]): Semver | string =>
  semverIn(isLoose === true ? normalized(textOf(text)) : textOf(text));

const rows: readonly Row[] = [
  ...['string', 'string, bool'].flatMap((params) => [
    plain(
      'semver',
      `${params} -> Semver`,
      (args) => {
        const version = read(args);
        return typeof version === 'string' ? failed(version) : version;
      },
      { cost: once },
    ),
    plain('isSemver', `${params} -> bool`, (args) => read(args) instanceof Semver, { cost: once }),
  ]),
  ...names.map((name, index) =>
    member(name, 'Semver -> int', ([version]) => versionOf(version).numbers[index] ?? 0n),
  ),
  member('isGreaterThan', 'Semver, Semver -> bool', (args) => order(args) > 0n),
  member('isLessThan', 'Semver, Semver -> bool', (args) => order(args) < 0n),
  member('compareTo', 'Semver, Semver -> int', order),
];

/** Versions, since 1.33. */
export const semverRows: readonly Row[] = rows.map(([name, overload]) => [name, { ...overload, since: 33 }]);
