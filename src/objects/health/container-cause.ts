import { at, isString, listAt, numberAt, stringAt } from '../../lib/index.ts';
import type { KubeObject } from '../manifest.ts';

/** One container of a pod: what its spec wants and what its status says. */
interface Container {
  readonly name: string;
  readonly isInit: boolean;
  readonly spec: unknown;
  readonly status: unknown;
}

/** The containers of a pod that have a status, init containers first, as they start. */
export function containersOf(pod: KubeObject): readonly Container[] {
  return (['initContainers', 'containers'] as const).flatMap((list) => {
    const statuses = listAt(
      pod,
      'status',
      list === 'containers' ? 'containerStatuses' : 'initContainerStatuses',
    );
    return statuses.map((status) => {
      const name = stringAt(status, 'name') ?? '';
      const spec = listAt(pod, 'spec', list).find((one) => stringAt(one, 'name') === name);
      return { name, isInit: list === 'initContainers', spec, status };
    });
  });
}

/** Why a container does not run, to follow the name of its pod: `cannot pull registry/x:1.5 (not found)`. */
export function causeOfContainer(one: Container, events: readonly string[]): string | undefined {
  const said = waiting(one, events) ?? ended(one);
  if (said === undefined) return undefined;
  return one.isInit ? `${said} (init container ${one.name})` : said;
}

const starting = new Set(['ContainerCreating', 'PodInitializing']);

function waiting(one: Container, events: readonly string[]): string | undefined {
  const reason = stringAt(one.status, 'state', 'waiting', 'reason');
  if (reason === undefined || starting.has(reason)) return undefined;
  const message = stringAt(one.status, 'state', 'waiting', 'message') ?? '';
  if (/^ErrImage|^Image|InvalidImageName|RegistryUnavailable/.test(reason))
    return unpulled(one, [message, ...events]);
  if (reason === 'CrashLoopBackOff') return crashing(one);
  if (reason === 'CreateContainerConfigError') return unconfigured(message);
  return message === '' ? `cannot start: ${reason}` : `cannot start: ${message}`;
}

/** What a registry's refusal comes down to, by words of the message. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/not found|manifest unknown|does not exist/i, 'not found'],
  [/unauthorized|denied|authorization|authentication|forbidden/i, 'not allowed'],
  [/too ?many ?requests|rate limit/i, 'too many requests'],
  [/no such host|timeout|timed out|refused|unreachable|i\/o/i, 'registry not reached'],
  [/no match for platform|exec format/i, 'not for this architecture'],
];

function unpulled(one: Container, texts: readonly string[]): string {
  const image = stringAt(one.spec, 'image') ?? stringAt(one.status, 'image') ?? 'its image';
  if (stringAt(one.status, 'state', 'waiting', 'reason') === 'InvalidImageName')
    return `cannot pull ${image} (not a name of an image)`;
  // The image's own name may hold any of these words.
  const bare = texts.map((text) => text.replaceAll(image, ''));
  const found = refusals.find(([pattern]) => bare.some((text) => pattern.test(text)));
  return found === undefined ? `cannot pull ${image}` : `cannot pull ${image} (${found[1]})`;
}

function crashing(one: Container): string {
  const last = at(one.status, 'lastState', 'terminated') ?? at(one.status, 'state', 'terminated');
  const restarts = numberAt(one.status, 'restartCount') ?? 0;
  const times = restarts > 1 ? ` ${restarts} times` : '';
  return `crashes${times}: ${ending(last, one)}`;
}

function ended(one: Container): string | undefined {
  const state = at(one.status, 'state', 'terminated');
  const code = numberAt(state, 'exitCode') ?? 0;
  if (state === undefined || (code === 0 && stringAt(state, 'reason') !== 'OOMKilled')) return undefined;
  return `failed: ${ending(state, one)}`;
}

function ending(state: unknown, one: Container): string {
  if (stringAt(state, 'reason') === 'OOMKilled') {
    const limit = at(one.spec, 'resources', 'limits', 'memory');
    return `out of memory${isString(limit) ? ` (its limit is ${limit})` : ''}`;
  }
  const code = numberAt(state, 'exitCode');
  const reason = stringAt(state, 'reason');
  const how = code === undefined ? (reason ?? 'nobody says why') : `exit code ${code}`;
  const message = lastLine(stringAt(state, 'message') ?? '');
  return message === '' ? how : `${how}: ${message}`;
}

/** The last line that says something, cut to what one reads. */
export function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim() ?? '';
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

function unconfigured(message: string): string {
  const absent = /^(secret|configmap) "(.+?)" not found/i.exec(message);
  if (absent !== null) return `needs ${kindOf(absent[1])}/${absent[2]}, which does not exist`;
  const key = /key (\S+) in (Secret|ConfigMap) \S*?([^/\s]+)$/i.exec(message);
  if (key !== null) return `needs key ${key[1]} of ${kindOf(key[2])}/${key[3]}, which does not exist`;
  return `cannot be configured: ${lastLine(message)}`;
}

function kindOf(word: string | undefined): string {
  return word?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap';
}
