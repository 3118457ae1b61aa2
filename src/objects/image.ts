/** An image's name in its parts, every default filled in: `nginx` is `docker.io/library/nginx:latest`. */
export interface ImageReference {
  /** Host, with its port where one is written: `docker.io`, `registry.example.com:5000`. */
  readonly registry: string;
  /** `library/nginx`, `shop/web`. */
  readonly repository: string;
  /** `latest` where neither a tag nor a digest is written; undefined where only a digest is. */
  readonly tag: string | undefined;
  /** `sha256:…`; undefined where none is written. */
  readonly digest: string | undefined;
}

const hub = 'docker.io';
/** Longest name of a repository with its registry, as registries take it. */
const longestName = 255;

const octets = '(?:[0-9a-zA-Z]|[0-9a-zA-Z][-0-9a-zA-Z]*[0-9a-zA-Z])';
const hostPattern = new RegExp(`^(?:${octets}(?:\\.${octets})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?$`);
const pathPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[\w][\w.-]{0,127}$/;
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** True for `sha256:…` or `sha512:…` with all its digits. */
export function isImageDigest(text: string): boolean {
  return digestPattern.test(text);
}

/**
 * An image's name as container runtimes read it (the grammar of the distribution project's references); undefined for a text that
 * no runtime takes: capitals in the repository, an empty part, a digest with too few digits.
 */
export function parseImage(text: string): ImageReference | undefined {
  const { name, written, digest, isSound } = partsOf(text);
  const tag = written ?? (digest === undefined ? 'latest' : undefined);
  const { registry, repository } = placeOf(name);
  const isNamed = repository.split('/').every((part) => pathPattern.test(part));
  const isShort = `${registry}/${repository}`.length <= longestName;
  return isSound && isNamed && isShort && hostPattern.test(registry)
    ? { registry, repository, tag, digest }
    : undefined;
}

interface Parts {
  readonly name: string;
  readonly written: string | undefined;
  readonly digest: string | undefined;
  /** What follows the name is as it must be. */
  readonly isSound: boolean;
}

function partsOf(text: string): Parts {
  const [named = '', digest, ...more] = text.split('@');
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  const written = colon < 0 ? undefined : named.slice(colon + 1);
  const isSound =
    more.length === 0 &&
    (digest === undefined || isImageDigest(digest)) &&
    (written === undefined || tagPattern.test(written));
  return { name, written, digest, isSound };
}

function placeOf(name: string): Pick<ImageReference, 'registry' | 'repository'> {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const registry = isHost ? first : hub;
  const rest = isHost ? name.slice(slash + 1) : name;
  if (registry !== hub && registry !== 'index.docker.io') return { registry, repository: rest };
  return { registry: hub, repository: rest.includes('/') ? rest : `library/${rest}` };
}

/** How toryo.lock names an image: `docker.io/library/nginx:1.27`, whichever way a manifest writes it; undefined where there is no tag. */
export function imageKey({ registry, repository, tag }: ImageReference): string | undefined {
  return tag === undefined ? undefined : `${registry}/${repository}:${tag}`;
}

/** The key of an image that is named by tag alone: what toryo.lock may have a digest of. */
export function tagKeyOf(image: string): string | undefined {
  const reference = parseImage(image);
  return reference === undefined || reference.digest !== undefined ? undefined : imageKey(reference);
}

/** The image with the digest that its tag is locked to, the tag kept for people; as it is where it has one, or none is locked. */
export function pinnedImage(image: string, pins: Readonly<Record<string, string>>): string {
  const key = tagKeyOf(image);
  const digest = key !== undefined && Object.hasOwn(pins, key) ? pins[key] : undefined;
  return digest === undefined ? image : `${image}@${digest}`;
}
