import { readFile } from 'node:fs/promises';
import { failure, reasonOf, type Run } from '../lib/index.ts';
import type { ClusterAccess } from './access.ts';
import { runExecPlugin } from './exec-plugin.ts';

/** What proves an identity on one request. */
export interface Credential {
  /** Value of the Authorization header. */
  readonly authorization?: string;
  /** PEM; the connection is made anew when it changes. */
  readonly certificate?: string;
  readonly key?: string;
}

interface Kept {
  readonly credential: Credential;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Credentials are renewed a little before they expire, so that none expires under way. */
const early = 10_000;
/** Service account tokens are rotated in place; client-go reads the file again as often. */
const fileAge = 60_000;

/** The credentials of one access: kept while they are good, renewed by one caller for all that wait. */
export class Credentials {
  readonly #access: ClusterAccess;
  readonly #run: Run;
  #kept: Kept | undefined;
  #fetching: Promise<Credential> | undefined;

  constructor(access: ClusterAccess, run: Run) {
    this.#access = access;
    this.#run = run;
    if (!this.#isChanging()) this.#kept = { credential: staticCredential(access), until: Infinity };
  }

  /** Without a promise on the way that every request goes. */
  current(): Credential | Promise<Credential> {
    if (this.#kept !== undefined && Date.now() < this.#kept.until) return this.#kept.credential;
    return this.#fetch(false);
  }

  /** After a 401: true when there is another credential to try with. */
  async renew(refused: Credential): Promise<boolean> {
    if (!this.#isChanging()) return false;
    if (this.#kept !== undefined && !isSame(this.#kept.credential, refused)) return true;
    await this.#fetch(true);
    return true;
  }

  #isChanging(): boolean {
    const { token, tokenFile, exec } = this.#access;
    return typeof token === 'function' || tokenFile !== undefined || exec !== undefined;
  }

  #fetch(isRefused: boolean): Promise<Credential> {
    this.#fetching ??= this.#make(isRefused)
      .then((kept) => {
        this.#kept = kept;
        return kept.credential;
      })
      .finally(() => {
        this.#fetching = undefined;
      });
    return this.#fetching;
  }

  async #make(isRefused: boolean): Promise<Kept> {
    const { token, tokenFile, exec } = this.#access;
    const fixed = staticCredential(this.#access);
    if (exec !== undefined) {
      const { expires, token: given, ...pair } = await runExecPlugin(exec, this.#access, this.#run);
      const credential = { ...fixed, ...pair, ...(given !== undefined && bearer(given)) };
      return { credential, until: expires === undefined ? Infinity : expires - early };
    }
    if (typeof token === 'function') {
      // The source keeps its own cache: it is asked each time.
      return { credential: { ...fixed, ...bearer(await this.#askSource(token, isRefused)) }, until: 0 };
    }
    if (tokenFile !== undefined)
      return { credential: { ...fixed, ...(await this.#fromFile(tokenFile)) }, until: Date.now() + fileAge };
    return { credential: fixed, until: Infinity };
  }

  async #askSource(source: (isRefused: boolean) => Promise<string>, isRefused: boolean): Promise<string> {
    try {
      return await source(isRefused);
    } catch (error) {
      if (this.#run.signal.aborted)
        throw failure('TORYO_INTERRUPTED', { what: 'getting a token' }, { cluster: this.#access.name });
      throw error;
    }
  }

  async #fromFile(file: string): Promise<Credential> {
    try {
      return bearer((await readFile(file, 'utf8')).trim());
    } catch (error) {
      if (typeof this.#access.token === 'string') return bearer(this.#access.token);
      throw failure(
        'TORYO_KUBECONFIG',
        { file, why: `the token cannot be read (${reasonOf(error)})` },
        { cluster: this.#access.name, cause: error },
      );
    }
  }
}

// By value: a token source is asked for each request, and may give the same each time.
function isSame(left: Credential, right: Credential): boolean {
  return left.authorization === right.authorization && left.certificate === right.certificate;
}

function bearer(token: string): Credential {
  return { authorization: `Bearer ${token}` };
}

function staticCredential(access: ClusterAccess): Credential {
  const { certificate, key, token, username, password } = access;
  const pair = { ...(certificate !== undefined && { certificate }), ...(key !== undefined && { key }) };
  if (typeof token === 'string') return { ...pair, ...bearer(token) };
  if (username === undefined) return pair;
  const basic = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
  return { ...pair, authorization: `Basic ${basic}` };
}
