import { getCACertificates } from 'node:tls';
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import {
  failure,
  isString,
  pause,
  reasonOf,
  waitAfterBusy,
  waitAfterFailure,
  type Run,
} from '../../lib/index.ts';
import type { Environment } from '../order.ts';

/** One request to a registry or its token server. */
export interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Buffer;
}

/** Milliseconds. */
export interface Patience {
  readonly connect: number;
  /** For one whole answer, be it of a server or of a credential helper. */
  readonly answer: number;
}

/** How long one waits unless told otherwise. */
export const usualPatience: Patience = { connect: 10_000, answer: 30_000 };
/** Largest manifest that registries take (OCI distribution specification). */
const largestBody = 4_194_304;
const longestChain = 5;
/** Tries after the first when there is no answer: an address that is wrong should not be waited for. */
const breakRetries = 2;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Connections to registries, through the proxy that the environment names. Loopback addresses are asked directly. */
export class Wire {
  readonly #direct: Dispatcher;
  readonly #outside: Dispatcher;
  readonly #patience: Patience;
  readonly #run: Run;
  readonly #unreachable = new Map<string, Error>();
  /** What servers answered that were busy for as long as one waits: they are not waited for again. */
  readonly #busy = new Map<string, Answer>();

  constructor(env: Environment, run: Run, patience: Patience) {
    this.#run = run;
    this.#patience = patience;
    const connect = { timeout: this.#patience.connect, ca: authorities() };
    this.#direct = new Agent({ connect });
    const variable = (name: string): string => env[name.toLowerCase()] ?? env[name.toUpperCase()] ?? '';
    this.#outside = new EnvHttpProxyAgent({
      connect,
      requestTls: { ca: connect.ca },
      httpProxy: variable('http_proxy'),
      httpsProxy: variable('https_proxy'),
      noProxy: variable('no_proxy'),
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#direct.destroy(), this.#outside.destroy()]);
  }

  /**
   * Asks, and again where the server is busy, fails or does not answer. Throws TORYO_REGISTRY_UNREACHABLE, at once for a
   * server that did not answer before, and TORYO_INTERRUPTED. A server that stayed busy before is answered for at once: 429.
   */
  async ask(question: Question): Promise<Answer> {
    const { host } = question.url;
    for (let attempt = 0; ; attempt += 1) {
      const silent = this.#unreachable.get(host);
      if (silent !== undefined) throw silent;
      const busy = this.#busy.get(host);
      if (busy !== undefined) return busy;
      const outcome = await this.#once(question);
      const wait = 'status' in outcome ? waitAfter(outcome, attempt) : waitAfterBreak(outcome, attempt);
      if (wait !== undefined) {
        if (!(await pause(wait, this.#run.signal))) throw this.#interrupted(host);
        continue;
      }
      if ('status' in outcome) {
        if (outcome.status === 429) this.#busy.set(host, outcome);
        return outcome;
      }
      const error = failure('TORYO_REGISTRY_UNREACHABLE', { registry: host, why: outcome.why });
      this.#unreachable.set(host, error);
      throw error;
    }
  }

  async #once(question: Question): Promise<Answer | Break> {
    const limit = AbortSignal.timeout(this.#patience.answer);
    try {
      return await this.#follow(question, AbortSignal.any([this.#run.signal, limit]));
    } catch (error) {
      if (this.#run.signal.aborted) throw this.#interrupted(question.url.host);
      if (limit.aborted)
        return { why: `no answer within ${this.#patience.answer / 1000} s`, isLasting: false };
      const reason = reasonOf(error).replace(/; if the root CA is installed locally.*$/, '');
      return { why: reason, isLasting: /certificate|ERR_TLS|ENOTFOUND/i.test(reason) };
    }
  }

  async #follow(question: Question, signal: AbortSignal): Promise<Answer> {
    let asked = question;
    for (let hop = 0; ; hop += 1) {
      const { url, method, headers, body } = asked;
      const dispatcher = isLoopback(url.hostname) ? this.#direct : this.#outside;
      const init = { method, headers, signal, dispatcher, ...(body === undefined ? {} : { body }) };
      const answer = await request(url, init);
      const next = hop === longestChain ? undefined : redirected(asked, answer);
      if (next === undefined)
        return { status: answer.statusCode, headers: answer.headers, body: await wholeBody(answer.body) };
      await answer.body.dump();
      asked = next;
    }
  }

  #interrupted(host: string): Error {
    return failure('TORYO_INTERRUPTED', { what: `asking ${host}` });
  }
}

/** Throws TORYO_REGISTRY_BUSY where a server stayed busy; `server` and `image` are for the message. */
export function refuseBusy(server: string, image: string, { status, headers }: Answer): void {
  if (status !== 429) return;
  const later = headers['retry-after'];
  const when = isString(later) ? `, and asks to come back later (Retry-After: ${later})` : '';
  throw failure('TORYO_REGISTRY_BUSY', { image, why: `${server} answers 429${when}` });
}

interface Break {
  readonly why: string;
  /** Waiting does not heal it. */
  readonly isLasting: boolean;
}

function waitAfterBreak({ isLasting }: Break, attempt: number): number | undefined {
  return isLasting || attempt >= breakRetries ? undefined : waitAfterFailure(attempt, undefined);
}

function waitAfter({ status, headers }: Answer, attempt: number): number | undefined {
  const header = headers['retry-after'];
  const retryAfter = isString(header) ? header : undefined;
  if (status === 429) return waitAfterBusy(attempt, retryAfter);
  const isTrouble = status >= 500 && status !== 501 && status !== 505;
  return isTrouble ? waitAfterFailure(attempt, retryAfter) : undefined;
}

/** The question to ask instead; undefined: the answer is none of a redirect. */
function redirected(asked: Question, answer: Dispatcher.ResponseData): Question | undefined {
  const location = answer.headers['location'];
  const isMoved = redirects.has(answer.statusCode) && asked.method !== 'POST';
  if (!isMoved || !isString(location) || !URL.canParse(location, asked.url.href)) return undefined;
  const url = new URL(location, asked.url);
  if (asked.url.protocol === 'https:' && url.protocol !== 'https:')
    throw new Error(`a redirect from https to ${url.protocol}//${url.host}`);
  // Who asks is told to nobody else.
  const headers = url.origin === asked.url.origin ? asked.headers : withoutAuthorization(asked.headers);
  return { ...asked, url, headers };
}

function withoutAuthorization(headers: Question['headers']): Question['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
}

async function wholeBody(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue;
    size += chunk.length;
    if (size > largestBody) throw new Error(`an answer of more than ${largestBody} bytes`);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

// Node brings its own list; companies put theirs into the system's.
function authorities(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}

/** True for this machine itself, where registries are asked without TLS. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
