import { createHash } from 'node:crypto';
import { failure, isString, type Run } from '../../lib/index.ts';
import { isImageDigest, parseImage, type ImageReference } from '../../objects/index.ts';
import type { Environment } from '../order.ts';
import { authorizationFor, detailOf } from './authorization.ts';
import { challengesIn } from './challenge.ts';
import { credentialFor, type Surroundings } from './credential-helper.ts';
import { readDockerConfig, type Credential, type DockerConfig } from './docker-config.ts';
import { isLoopback, refuseBusy, usualPatience, Wire, type Answer, type Patience } from './exchange.ts';

/** What an image may be: an index or a manifest, in the words of OCI and of Docker. */
const mediaTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const;

type Verb = 'GET' | 'HEAD';

/** Registries, asked by the HTTP API of the OCI distribution specification, with the credentials of Docker's configuration. */
export class Registries {
  readonly #wire: Wire;
  readonly #around: Surroundings;
  readonly #credentials = new Map<string, Promise<Credential | undefined>>();
  /** Registry and repository -> Authorization header. */
  readonly #known = new Map<string, string>();
  #config: Promise<DockerConfig> | undefined;

  constructor(env: Environment, run: Run, patience: Partial<Patience> = {}) {
    const all = { ...usualPatience, ...patience };
    this.#wire = new Wire(env, run, all);
    this.#around = { env, run, patience: all.answer };
  }

  async close(): Promise<void> {
    await this.#wire.close();
  }

  /** The SHA-256 digest that the tag of an image stands for now. Throws TORYO_REGISTRY_… */
  async digestOf(image: string): Promise<string> {
    const reference = parseImage(image);
    if (reference?.tag === undefined) throw new RangeError(`${image} has no tag`);
    const wanted: Wanted = { image, reference };
    const head = await this.#manifest('HEAD', wanted);
    const told = toldDigest(head);
    if (told !== undefined) return told;
    // Asked without a body, a registry may leave things out; with one, the digest can be computed.
    const isAnswered = head.status === 404 || head.status >= 500;
    const whole = isAnswered ? head : await this.#manifest('GET', wanted);
    if (whole.status === 404) throw failure('TORYO_REGISTRY_NOT_FOUND', { image });
    return checkedDigest(whole, wanted);
  }

  async #manifest(method: Verb, wanted: Wanted): Promise<Answer> {
    const key = `${wanted.reference.registry}/${wanted.reference.repository}`;
    const before = this.#known.get(key);
    const first = await this.#ask(method, wanted, before);
    if (first.status !== 401) return this.#granted(first, wanted);
    const challenges = challengesIn(first.headers['www-authenticate']);
    const credential = await this.#credential(wanted.reference.registry);
    const authorization = await authorizationFor({ ...wanted, challenges, credential }, this.#wire);
    this.#known.set(key, authorization);
    return this.#granted(await this.#ask(method, wanted, authorization), wanted);
  }

  async #granted(answer: Answer, { image, reference }: Wanted): Promise<Answer> {
    const { registry } = reference;
    refuseBusy(registry, image, answer);
    if (answer.status !== 401 && answer.status !== 403) return answer;
    const { file } = await this.#dockerConfig();
    const isKnown = (await this.#credential(registry)) !== undefined;
    const who = isKnown ? `the credentials of ${file}` : `a caller without credentials (none in ${file})`;
    throw failure('TORYO_REGISTRY_UNAUTHORISED', {
      image,
      why: `${registry} answers ${answer.status} to ${who}${detailOf(answer)}`,
    });
  }

  #ask(method: Verb, { reference }: Wanted, authorization: string | undefined): Promise<Answer> {
    const { repository, tag = '' } = reference;
    const headers = {
      accept: mediaTypes.join(', '),
      'user-agent': 'toryo',
      ...(authorization === undefined ? {} : { authorization }),
    };
    const url = new URL(`/v2/${repository}/manifests/${tag}`, serverOf(reference.registry));
    return this.#wire.ask({ method, url, headers });
  }

  // A helper is a program, and one answer of it serves all images.
  #credential(registry: string): Promise<Credential | undefined> {
    const asked =
      this.#credentials.get(registry) ??
      this.#dockerConfig().then((config) => credentialFor(registry, config, this.#around));
    this.#credentials.set(registry, asked);
    return asked;
  }

  #dockerConfig(): Promise<DockerConfig> {
    this.#config ??= readDockerConfig(this.#around.env);
    return this.#config;
  }
}

interface Wanted {
  /** As the caller wrote it, for messages. */
  readonly image: string;
  readonly reference: ImageReference;
}

function serverOf(registry: string): string {
  if (registry === 'docker.io') return 'https://registry-1.docker.io';
  const hostname = registry.replace(/:\d+$/, '');
  return `${isLoopback(hostname) ? 'http' : 'https'}://${registry}`;
}

function digestIn({ headers }: Answer): string | undefined {
  const digest = headers['docker-content-digest'];
  return isString(digest) && isImageDigest(digest) ? digest : undefined;
}

/** The digest of an image that is told without its manifest; undefined where only the manifest says it. */
function toldDigest(answer: Answer): string | undefined {
  const digest =
    answer.status === 200 && mediaTypeTrouble(answer) === undefined ? digestIn(answer) : undefined;
  return digest?.startsWith('sha256:') === true ? digest : undefined;
}

function mediaTypeOf({ headers }: Answer): string {
  const type = headers['content-type'];
  return isString(type) ? (type.split(';')[0] ?? '').trim().toLowerCase() : '';
}

function mediaTypeTrouble(answer: Answer): string | undefined {
  const type = mediaTypeOf(answer);
  return mediaTypes.some((one) => one === type) ? undefined : `it is ${type || 'of no named type'}, no image`;
}

function checkedDigest(answer: Answer, { image, reference }: Wanted): string {
  const bad = (why: string): Error => failure('TORYO_REGISTRY_ANSWER', { image, why });
  if (answer.status !== 200) throw bad(`${reference.registry} answered ${answer.status}${detailOf(answer)}`);
  const trouble = mediaTypeTrouble(answer);
  if (trouble !== undefined) throw bad(trouble);
  const told = digestIn(answer);
  const computed = (algorithm: 'sha256' | 'sha512'): string =>
    `${algorithm}:${createHash(algorithm).update(answer.body).digest('hex')}`;
  const found = computed(told?.startsWith('sha512:') === true ? 'sha512' : 'sha256');
  if (told !== undefined && told !== found)
    throw bad(`${reference.registry} calls it ${told}, and what it sends is ${found}`);
  // The one form of digests that every registry serves and policies know.
  return computed('sha256');
}
