import type { Dispatcher } from 'undici';
import {
  longestTries,
  parseJson,
  pause,
  tell,
  waitAfterBusy,
  waitAfterFailure,
  type Run,
} from '../lib/index.ts';
import type { ClusterAccess } from './access.ts';
import { closeConnection, openConnection, serverUrl, type Connection, type Patience } from './connection.ts';
import { Credentials, type Credential } from './credentials.ts';
import { exchange, type Answer, type WireRequest } from './exchange.ts';
import {
  brokenFailure,
  interrupted,
  isCertificateTrouble,
  isRefusedPatch,
  statusFrom,
  textOf,
  wasNeverSent,
  type Place,
  type Topic,
} from './failures.ts';
import { Gate } from './gate.ts';
import { Quiet } from './quiet.ts';
import { warningsIn } from './warnings.ts';

/** Header names and values; a list becomes one header per value. */
export type Headers = Readonly<Record<string, string | string[]>>;

/** One request, and what may be done when it fails. */
export interface Call extends Topic {
  readonly method: Dispatcher.HttpMethod;
  /** Below the server's own path, with the query. */
  readonly path: string;
  readonly headers: Headers;
  /** Made only when the request's turn has come. */
  readonly body?: () => string;
  /** Sending it twice does no harm. */
  readonly isRepeatable: boolean;
  /** Its time says something about how busy the server is. */
  readonly isMeasured: boolean;
  /** Its caller reads warnings in the answer: they are no events. */
  readonly isTrial?: boolean;
}

/** A warning header of the API server: a deprecated version, an unknown field. */
export interface ServerWarning {
  readonly text: string;
  readonly verb: string;
  readonly what: string;
}

export interface TransportOptions {
  /** Told each warning; without it warnings become events of the run, each text once. */
  readonly onWarning?: (warning: ServerWarning) => void;
  /** Milliseconds. */
  readonly patience?: Partial<Patience>;
}

const usualPatience: Patience = { connect: 10_000, answer: 70_000, silence: 60_000, watch: 150_000 };
const warningLimit = 1000;

interface Outcome {
  readonly answer?: Answer;
  readonly error?: unknown;
  readonly credential?: Credential;
}

/** Requests to one API server: credentials, connections, how many at once, and what is tried again. */
export class Transport {
  readonly place: Place;
  readonly gate = new Gate();
  readonly #access: ClusterAccess;
  readonly #run: Run;
  readonly #options: TransportOptions;
  readonly #credentials: Credentials;
  readonly #origin: string;
  readonly #prefix: string;
  readonly #patience: Patience;
  readonly #quiet: Quiet;
  readonly #warned = new Set<string>();
  readonly #onAbort = (): void => void this.#end(new Error('interrupted'));
  readonly #closing = new AbortController();
  /** The newest is used; older ones, of an earlier certificate, finish what is under way on them. */
  #connections: readonly Connection[] = [];

  constructor(access: ClusterAccess, run: Run, options: TransportOptions) {
    const url = serverUrl(access);
    this.#access = access;
    this.#run = run;
    this.#options = options;
    this.#credentials = new Credentials(access, run);
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/+$/, '');
    this.place = { server: access.server, cluster: access.name };
    this.#patience = { ...usualPatience, ...options.patience };
    this.#quiet = new Quiet(this.place, run);
    if (run.signal.aborted) this.#onAbort();
    else run.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Aborted when the client is closed. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Sends it, again where that is safe, and gives whatever the server finally answered, errors included.
   * Throws when there is no answer, and TORYO_INTERRUPTED as soon as the run is aborted.
   */
  async send(call: Call): Promise<Answer> {
    let isRenewed = false;
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#sendOnce(call, attempt);
      if (outcome.answer !== undefined && outcome.answer.status < 400) return outcome.answer;
      if (!isRenewed && (await this.#renew(outcome))) {
        isRenewed = true;
        continue;
      }
      const wait = waitAfter(call, outcome, attempt);
      if (wait === undefined) return this.#settle(call, outcome);
      if (!(await pause(wait, this.#run.signal))) throw interrupted(call, this.place);
    }
  }

  /** Opens an answer without end, once, outside the limit. A 401 renews the credential and is tried once more. */
  async stream(call: Call, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const open = async (credential: Credential): Promise<Dispatcher.ResponseData> =>
      await this.#connect(credential).streams.request({ ...this.#wire(call, credential), signal });
    const credential = await this.#credentials.current();
    const first = await open(credential);
    if (first.statusCode !== 401 || !(await this.#credentials.renew(credential))) return first;
    await first.body.dump();
    return await open(await this.#credentials.current());
  }

  /** Ends watches, refuses what waits, and finishes what is under way. */
  async close(): Promise<void> {
    this.#run.signal.removeEventListener('abort', this.#onAbort);
    this.#closing.abort();
    this.gate.close(new Error('the client is closed'));
    await Promise.all(this.#connections.map((connection) => closeConnection(connection)));
  }

  async #end(reason: Error): Promise<void> {
    this.gate.close(reason);
    await Promise.all(this.#connections.map((connection) => closeConnection(connection, reason)));
  }

  async #renew({ answer, credential }: Outcome): Promise<boolean> {
    if (answer?.status !== 401 || credential === undefined) return false;
    return await this.#credentials.renew(credential);
  }

  #settle(call: Call, { answer, error }: Outcome): Answer {
    if (answer !== undefined) return answer;
    throw brokenFailure(error, call, this.place);
  }

  async #sendOnce(call: Call, attempt: number): Promise<Outcome> {
    try {
      await this.gate.enter();
    } catch (error) {
      if (this.#run.signal.aborted) throw interrupted(call, this.place);
      throw brokenFailure(error, call, this.place);
    }
    let milliseconds: number | undefined;
    try {
      const credential = await this.#credentials.current();
      const began = performance.now();
      const answer = await this.#exchange(call, credential, attempt);
      if (call.isMeasured && answer.status < 300) milliseconds = performance.now() - began;
      if (answer.status === 429 && !isBudget(answer)) this.gate.slowDown();
      if (call.isTrial !== true) this.#warn(answer.headers['warning'], call);
      return { answer, credential };
    } catch (error) {
      if (this.#run.signal.aborted) throw interrupted(call, this.place);
      return { error };
    } finally {
      this.gate.leave(milliseconds);
    }
  }

  /** What was sent and may not be sent again has one try; without a connection nothing was sent. */
  async #exchange(call: Call, credential: Credential, attempt: number): Promise<Answer> {
    const { connect, answer } = this.#patience;
    const waiting = this.#quiet.begin(Date.now() + longestTries(attempt, connect));
    let isAnswered = false;
    try {
      const request = this.#wire(call, credential);
      const found = await exchange(this.#connect(credential).calls, request, () => {
        waiting.until = Date.now() + (call.isRepeatable ? longestTries(attempt, answer) : answer);
      });
      isAnswered = true;
      return found;
    } finally {
      this.#quiet.end(waiting, isAnswered);
    }
  }

  #wire(call: Call, credential: Credential): WireRequest {
    const { authorization } = credential;
    return {
      origin: this.#origin,
      method: call.method,
      path: this.#prefix + call.path,
      headers: authorization === undefined ? call.headers : { ...call.headers, authorization },
      ...(call.body !== undefined && { body: call.body() }),
    };
  }

  #connect(credential: Credential): Connection {
    const [known] = this.#connections;
    if (known !== undefined && known.certificate === credential.certificate) return known;
    const connection = openConnection(this.#access, credential, this.#patience);
    this.#connections = [connection, ...this.#connections];
    if (known !== undefined) void this.#retire(known);
    return connection;
  }

  async #retire(connection: Connection): Promise<void> {
    await closeConnection(connection);
    this.#connections = this.#connections.filter((each) => each !== connection);
  }

  #warn(header: string | readonly string[] | undefined, call: Call): void {
    for (const text of warningsIn(header)) {
      if (this.#options.onWarning !== undefined)
        this.#options.onWarning({ text, verb: call.verb, what: call.what });
      else this.#warnOnce(text, call);
    }
  }

  #warnOnce(text: string, call: Call): void {
    if (this.#warned.has(text) || this.#warned.size >= warningLimit) return;
    this.#warned.add(text);
    const happening = { subject: call.what, verb: call.verb, state: 'progress' as const };
    tell(this.#run, { ...happening, cluster: this.place.cluster, why: `warning: ${text}` });
  }
}

function waitAfter(call: Call, { answer, error }: Outcome, attempt: number): number | undefined {
  return answer === undefined
    ? waitAfterBreak(call, error, attempt)
    : waitAfterRefusal(call, answer, attempt);
}

function waitAfterBreak(call: Call, error: unknown, attempt: number): number | undefined {
  if (isCertificateTrouble(error) || !isBroken(error)) return undefined;
  if (!call.isRepeatable && !wasNeverSent(error)) return undefined;
  return waitAfterFailure(attempt, undefined);
}

// A closed client, a missing token file or a bad key does not heal by waiting.
function isBroken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return error.name !== 'ToryoError' && code !== 'UND_ERR_CLOSED' && code !== 'UND_ERR_DESTROYED';
}

function waitAfterRefusal(call: Call, answer: Answer, attempt: number): number | undefined {
  const retryAfter = textOf(answer.headers['retry-after']);
  if (answer.status === 429) return isBudget(answer) ? undefined : waitAfterBusy(attempt, retryAfter);
  const isServerTrouble = answer.status >= 500 && answer.status !== 501 && answer.status !== 505;
  if (!isServerTrouble || !call.isRepeatable || isMistake(answer)) return undefined;
  return waitAfterFailure(attempt, retryAfter);
}

// A PodDisruptionBudget refuses with 429 too; it is no sign of load, and waiting is the caller's decision.
function isBudget(answer: Answer): boolean {
  const status = statusFrom(parseJson(answer.text));
  return status?.causes.some((cause) => cause.reason === 'DisruptionBudget') ?? false;
}

function isMistake(answer: Answer): boolean {
  const status = answer.status === 500 ? statusFrom(parseJson(answer.text)) : undefined;
  return status !== undefined && isRefusedPatch(status);
}
