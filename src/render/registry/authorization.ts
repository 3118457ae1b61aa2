import { failure, parseJson, stringAt } from '../../lib/index.ts';
import type { ImageReference } from '../../objects/index.ts';
import type { Challenge } from './challenge.ts';
import type { Credential } from './docker-config.ts';
import { isLoopback, refuseBusy, type Answer, type Question, type Wire } from './exchange.ts';

/** What a registry wants of whom, and for which image. */
export interface Demand {
  readonly image: string;
  readonly reference: ImageReference;
  readonly challenges: readonly Challenge[];
  readonly credential: Credential | undefined;
}

const refused = ({ image }: Demand, why: string): Error =>
  failure('TORYO_REGISTRY_UNAUTHORISED', { image, why });

/** The Authorization header that a registry asks for: a token of its token server, else Basic. Throws TORYO_REGISTRY_… */
export async function authorizationFor(demand: Demand, wire: Wire): Promise<string> {
  const { challenges, credential, reference } = demand;
  if (credential?.is === 'bearer') return `Bearer ${credential.token}`;
  const bearer = challenges.find((one) => one.scheme === 'bearer');
  if (bearer !== undefined) return `Bearer ${await tokenFrom(bearer, demand, wire)}`;
  const { registry } = reference;
  if (!challenges.some((one) => one.scheme === 'basic'))
    throw refused(demand, `${registry} asks for neither Bearer nor Basic authentication`);
  if (credential?.is === 'password') return basic(credential);
  throw refused(
    demand,
    `${registry} wants a user and a password, and Docker's configuration has none for it`,
  );
}

async function tokenFrom(challenge: Challenge, demand: Demand, wire: Wire): Promise<string> {
  const realm = realmOf(challenge, demand);
  const { service, scope = `repository:${demand.reference.repository}:pull` } = challenge.parameters;
  const fields = { ...(service === undefined ? {} : { service }), scope };
  const answer = await wire.ask(tokenQuestion(realm, fields, demand.credential));
  refuseBusy(`the token server ${realm.host}`, demand.image, answer);
  if (answer.status === 401 || answer.status === 403) {
    const who = demand.credential === undefined ? 'a caller without credentials' : 'these credentials';
    throw refused(demand, `${realm.host} answers ${answer.status} and no token to ${who}${detailOf(answer)}`);
  }
  const parsed = parseJson(answer.body.toString('utf8'));
  const token = stringAt(parsed, 'token') ?? stringAt(parsed, 'access_token');
  if (answer.status === 200 && token !== undefined && isToken(token)) return token;
  const why = `the token server ${realm.host} answered ${answer.status} without a token`;
  throw failure('TORYO_REGISTRY_ANSWER', { image: demand.image, why });
}

// What is sent in a header must not end it.
const isToken = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);

function realmOf({ parameters }: Challenge, demand: Demand): URL {
  const { realm = '' } = parameters;
  const { registry } = demand.reference;
  if (!URL.canParse(realm)) throw refused(demand, `the token server "${realm}" of ${registry} is no address`);
  const url = new URL(realm);
  // A registry elsewhere has no business with this machine's own ports.
  const isOwn = isLoopback(url.hostname) && isLoopback(registry.replace(/:\d+$/, ''));
  const isSafe = isOwn ? /^https?:$/.test(url.protocol) : url.protocol === 'https:';
  if (!isSafe) throw refused(demand, `the token server ${realm} of ${registry} is not asked without TLS`);
  return url;
}

/** A password goes by GET with Basic; an identity token by POST, as OAuth 2 refreshes one. */
function tokenQuestion(
  realm: URL,
  fields: Readonly<Record<string, string>>,
  credential: Credential | undefined,
): Question {
  const headers = { 'user-agent': 'toryo', accept: 'application/json' };
  if (credential?.is === 'identity') {
    const grant = { grant_type: 'refresh_token', client_id: 'toryo', refresh_token: credential.token };
    const body = new URLSearchParams({ ...fields, ...grant }).toString();
    const type = 'application/x-www-form-urlencoded';
    return { method: 'POST', url: realm, headers: { ...headers, 'content-type': type }, body };
  }
  const url = new URL(realm);
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
  if (credential?.is !== 'password') return { method: 'GET', url, headers };
  return { method: 'GET', url, headers: { ...headers, authorization: basic(credential) } };
}

function basic({ username, password }: Credential & { readonly is: 'password' }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** What the body of an error says, in the form of registries or of OAuth: `: access denied`, or nothing. */
export function detailOf({ body }: Pick<Answer, 'body'>): string {
  const parsed = parseJson(body.toString('utf8'));
  const said =
    stringAt(parsed, 'errors', 0, 'message') ??
    stringAt(parsed, 'error_description') ??
    stringAt(parsed, 'details') ??
    stringAt(parsed, 'message') ??
    '';
  return said === '' ? '' : `: ${said.slice(0, 200)}`;
}
