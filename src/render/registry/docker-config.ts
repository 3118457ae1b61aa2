import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import {
  at,
  failure,
  isObject,
  objectAt,
  parseJson,
  reasonOf,
  stringAt,
  stringsAt,
} from '../../lib/index.ts';
import type { Environment } from '../order.ts';

/** What a registry is to be told about who asks. */
export type Credential =
  | { readonly is: 'password'; readonly username: string; readonly password: string }
  /** Exchanged for a token at the token server. */
  | { readonly is: 'identity'; readonly token: string }
  /** Sent as it is. */
  | { readonly is: 'bearer'; readonly token: string };

/** The registries' part of Docker's configuration file. */
export interface DockerConfig {
  readonly file: string;
  /** By host. */
  readonly auths: ReadonlyMap<string, Credential>;
  /** Host -> NAME of docker-credential-NAME. */
  readonly helpers: ReadonlyMap<string, string>;
  /** NAME of the helper for every other host. */
  readonly store: string | undefined;
}

/** The key under which Docker Hub's credentials are kept, whatever its images are called. */
export const hubServer = 'https://index.docker.io/v1/';

/** Reads DOCKER_CONFIG/config.json, else ~/.docker/config.json; empty without one. Throws TORYO_REGISTRY_CONFIG when it is broken. */
export async function readDockerConfig(env: Environment): Promise<DockerConfig> {
  const own = env['DOCKER_CONFIG'] ?? '';
  const folder = own === '' ? path.join(env['HOME'] ?? homedir(), '.docker') : own;
  const file = path.join(folder, 'config.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (at(error, 'code') === 'ENOENT')
      return { file, auths: new Map(), helpers: new Map(), store: undefined };
    throw failure('TORYO_REGISTRY_CONFIG', { file, why: reasonOf(error) }, { cause: error });
  }
  const config = parseJson(text);
  if (!isObject(config)) throw failure('TORYO_REGISTRY_CONFIG', { file, why: 'it is no JSON object' });
  const helpers = Object.entries(stringsAt(config, 'credHelpers')).map(
    ([server, name]) => [hostOf(server), name] as const,
  );
  const auths = Object.entries(objectAt(config, 'auths')).flatMap(([server, entry]) => {
    const credential = credentialIn(entry, server, file);
    return credential === undefined ? [] : [[hostOf(server), credential] as const];
  });
  const store = stringAt(config, 'credsStore');
  return {
    file,
    auths: new Map(auths),
    helpers: new Map(helpers),
    store: store === '' ? undefined : store,
  };
}

/** `docker.io` for all of Docker Hub's names; the host of `https://registry.example.com/v2/`. */
function hostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  return /^(index\.|registry-1\.)?docker\.io$/.test(host) ? 'docker.io' : host;
}

function credentialIn(entry: unknown, server: string, file: string): Credential | undefined {
  const filled = (name: string): string | undefined => stringAt(entry, name) || undefined;
  const identity = filled('identitytoken');
  if (identity !== undefined) return { is: 'identity', token: identity };
  const bearer = filled('registrytoken');
  if (bearer !== undefined) return { is: 'bearer', token: bearer };
  const auth = filled('auth');
  if (auth === undefined) {
    const [username, password] = [filled('username'), filled('password')];
    return username === undefined || password === undefined
      ? undefined
      : { is: 'password', username, password };
  }
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  if (colon < 1)
    throw failure('TORYO_REGISTRY_CONFIG', {
      file,
      why: `auth of ${server} is not USER:PASSWORD in base64`,
    });
  return { is: 'password', username: text.slice(0, colon), password: text.slice(colon + 1) };
}
