import { getCACertificates } from 'node:tls';
import { Agent, request, type Dispatcher } from 'undici';
import { isString, reasonOf } from '../../lib/index.ts';

/** A page that is asked for with GET. */
export interface WantedPage {
  readonly url: string;
  /** Bearer token. */
  readonly token: string | undefined;
  /** How long the whole answer may take. */
  readonly milliseconds: number;
  /** How much of it is read. */
  readonly bytes: number;
  /** The status that is waited for: a redirect that is wanted is not followed. */
  readonly status?: number;
}

/** What came, or why nothing did. */
export type Fetched = Page | { readonly why: string };

/** An answer. */
export interface Page {
  readonly status: number;
  readonly text: string;
  /** False: it was longer than what is read. */
  readonly isWhole: boolean;
  /** Why a redirect was not followed. */
  readonly redirect?: string;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const longestChain = 5;

/** Asks for a page; redirects are followed on the same host only. Throws nothing but the abort of the signal. */
export async function fetchPage(wanted: WantedPage, signal: AbortSignal): Promise<Fetched> {
  if (!URL.canParse(wanted.url)) return { why: `${wanted.url} is no address` };
  const first = new URL(wanted.url);
  const limit = AbortSignal.timeout(wanted.milliseconds);
  const dispatcher = new Agent({ connect: { ca: authorities(), timeout: wanted.milliseconds } });
  try {
    return await follow(wanted, first, { dispatcher, signal: AbortSignal.any([signal, limit]) });
  } catch (error) {
    signal.throwIfAborted();
    const where = first.host;
    if (limit.aborted) return { why: `${where} did not answer within ${wanted.milliseconds / 1000} s` };
    // Node adds how to start Node, which is not what a user starts.
    const reason = reasonOf(error).replace(/; if the root CA is installed locally.*$/, '');
    return { why: `${where} cannot be asked: ${reason}` };
  } finally {
    await dispatcher.destroy();
  }
}

// Node brings its own list; companies put theirs into the system's.
function authorities(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}

interface Way {
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
}

async function follow(wanted: WantedPage, first: URL, way: Way): Promise<Fetched> {
  let url = first;
  for (let hop = 0; ; hop += 1) {
    const answer = await request(url, { ...way, method: 'GET', headers: headersFor(wanted) });
    const { statusCode: status, headers } = answer;
    const location = redirects.has(status) && status !== wanted.status ? headers['location'] : undefined;
    const next = isString(location) && URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    const refusal = next === undefined ? undefined : refusalOf(next, url, hop);
    if (next === undefined || refusal !== undefined) {
      const body = await bodyOf(answer.body, wanted.bytes);
      return { status, ...body, ...(refusal === undefined ? {} : { redirect: refusal }) };
    }
    await answer.body.dump();
    url = next;
  }
}

/** Why a redirect is not followed; undefined: it is. */
function refusalOf(next: URL, from: URL, hop: number): string | undefined {
  if (next.host !== from.host) return `a redirect to ${next.host}, which is not followed`;
  if (from.protocol === 'https:' && next.protocol !== 'https:') return 'a redirect from https to http';
  return hop < longestChain ? undefined : 'redirects without end';
}

function headersFor({ token }: WantedPage): Record<string, string> {
  return {
    accept: '*/*',
    'user-agent': 'toryo',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

async function bodyOf(
  body: Dispatcher.ResponseData['body'],
  limit: number,
): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue;
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > limit) break;
  }
  const bytes = Buffer.concat(chunks).subarray(0, limit);
  return { text: bytes.toString('utf8'), isWhole: size <= limit };
}
