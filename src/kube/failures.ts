import {
  failure,
  isFailure,
  isObject,
  listAt,
  numberAt,
  parseJson,
  reasonOf,
  stringAt,
  type ErrorContext,
  type ToryoError,
} from '../lib/index.ts';
import type { Answer } from './exchange.ts';

/** What a request was about, for its errors. */
export interface Topic {
  /** `get`, `list`, `watch`, `apply`, `create`, `patch`, `delete`, `evict`. */
  readonly verb: string;
  /** titleOf(ref), or the resource of a list. */
  readonly what: string;
  /** True when `what` is one object. */
  readonly isObject: boolean;
}

/** Where requests go, for their errors. */
export interface Place {
  readonly server: string;
  readonly cluster: string;
}

/** One reason inside a Status, e.g. `{ reason: 'FieldManagerConflict', field: '.spec.replicas' }`. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** What the API server answered instead of an object; the cause of the ToryoError. */
export class ServerStatus extends Error {
  readonly code: number;
  readonly reason: string;
  readonly causes: readonly StatusCause[];

  constructor(code: number, reason: string, message: string, causes: readonly StatusCause[]) {
    super(message);
    this.name = 'ServerStatus';
    this.code = code;
    this.reason = reason;
    this.causes = causes;
  }
}

/** A field that another manager owns. */
export interface FieldConflict {
  /** `.spec.replicas`, as the server writes it. */
  readonly field: string;
  readonly manager: string;
  /** Of the object: `scale`. */
  readonly subresource?: string;
  /** RFC 3339, to the second; what was applied has none. */
  readonly time?: string;
}

/** The Status behind an error of this room; undefined when no server answered. */
export function statusOf(error: unknown): ServerStatus | undefined {
  return isFailure(error) && error.cause instanceof ServerStatus ? error.cause : undefined;
}

/** The fields of a TORYO_KUBE_FIELD_CONFLICT and who owns each; empty for any other error. */
export function conflictsOf(error: unknown): readonly FieldConflict[] {
  return conflictsIn(statusOf(error)?.causes ?? []);
}

function conflictsIn(causes: readonly StatusCause[]): readonly FieldConflict[] {
  return causes
    .filter((cause) => cause.reason === 'FieldManagerConflict')
    .map((cause) => ({ field: cause.field, manager: managerIn(cause.message), ...restIn(cause.message) }));
}

function restIn(message: string): Pick<FieldConflict, 'subresource' | 'time'> {
  const subresource = / with subresource "([^"]*)"/.exec(message)?.[1];
  const time = / at (\d{4}-\S+Z)$/.exec(message)?.[1];
  return {
    ...(subresource === undefined ? {} : { subresource }),
    ...(time === undefined ? {} : { time }),
  };
}

// conflict with "name" with subresource "scale" using apps/v1 at 2026-…
function managerIn(message: string): string {
  const quoted = /conflict with ("(?:[^"\\]|\\.)*")/.exec(message)?.[1];
  const name = quoted === undefined ? undefined : parseJson(quoted);
  return typeof name === 'string' ? name : message;
}

/** Reads a Status object; undefined for anything else. */
export function statusFrom(value: unknown): ServerStatus | undefined {
  if (stringAt(value, 'kind') !== 'Status') return undefined;
  const causes = listAt(value, 'details', 'causes')
    .filter(isObject)
    .map((cause) => ({
      reason: stringAt(cause, 'reason') ?? '',
      message: stringAt(cause, 'message') ?? '',
      field: stringAt(cause, 'field') ?? '',
    }));
  return new ServerStatus(
    numberAt(value, 'code') ?? 0,
    stringAt(value, 'reason') ?? '',
    stringAt(value, 'message') ?? '',
    causes,
  );
}

/** The error of an answer that is no success. */
export function failureOf(answer: Answer, topic: Topic, place: Place): ToryoError {
  const type = textOf(answer.headers['content-type']) ?? '';
  if (type.startsWith('text/html') || answer.text.trimStart().startsWith('<'))
    return strange(`HTTP ${answer.status} with ${type || 'markup'}`, topic, place);
  const status =
    statusFrom(parseJson(answer.text)) ?? new ServerStatus(answer.status, '', firstLine(answer), []);
  return statusFailure(status, topic, place, answer.status);
}

/** The error of a Status; `code` is the HTTP status where the Status has none. */
export function statusFailure(
  status: ServerStatus,
  topic: Topic,
  place: Place,
  code = status.code,
): ToryoError {
  const context = contextOf(topic, place, status);
  const conflicts = conflictsIn(status.causes);
  if (code === 409 && conflicts.length > 0) {
    const owners = conflicts.map(({ field, manager }) => `${field}: ${manager}`).join(', ');
    return failure('TORYO_KUBE_FIELD_CONFLICT', { what: topic.what, owners }, context);
  }
  const details = {
    verb: topic.verb,
    what: topic.what,
    why: status.message === '' ? `HTTP ${code}` : status.message,
  };
  return failure(isRefusedPatch(status) ? 'TORYO_KUBE_INVALID' : codeOf(code), details, context);
}

/** True for a mistake in an applied object that the server calls its own: unknown fields and bad quantities come as 500. */
export function isRefusedPatch(status: ServerStatus): boolean {
  const isAboutObject = /^failed to (create typed patch object|convert new object)/.test(status.message);
  return status.code === 500 && isAboutObject;
}

/** True when the API server itself says that there is no such object or kind; another page with 404 proves nothing. */
export function isAbsent(answer: Answer): boolean {
  if (answer.status !== 404) return false;
  return statusFrom(parseJson(answer.text)) !== undefined || answer.text.startsWith('404 page not found');
}

type StatusCode =
  | `TORYO_KUBE_${'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND' | 'CONFLICT' | 'EXPIRED' | 'BUSY' | 'SERVER'}`
  | 'TORYO_KUBE_INVALID'
  | 'TORYO_KUBE_ANSWER';

const codes: ReadonlyMap<number, StatusCode> = new Map([
  [401, 'TORYO_KUBE_UNAUTHENTICATED'],
  [403, 'TORYO_KUBE_FORBIDDEN'],
  [404, 'TORYO_KUBE_NOT_FOUND'],
  [409, 'TORYO_KUBE_CONFLICT'],
  [410, 'TORYO_KUBE_EXPIRED'],
  [429, 'TORYO_KUBE_BUSY'],
]);

function codeOf(status: number): StatusCode {
  const found = codes.get(status);
  if (found !== undefined) return found;
  if (status >= 500) return 'TORYO_KUBE_SERVER';
  return status >= 400 ? 'TORYO_KUBE_INVALID' : 'TORYO_KUBE_ANSWER';
}

/** The error of an answer that no API server gives. */
export function strange(why: string, topic: Topic, place: Place, cause?: unknown): ToryoError {
  return failure(
    'TORYO_KUBE_ANSWER',
    { verb: topic.verb, what: topic.what, why },
    contextOf(topic, place, cause),
  );
}

/** The error of a run that was stopped while a request was under way or waiting. */
export function interrupted(topic: Topic, place: Place): ToryoError {
  return failure('TORYO_INTERRUPTED', { what: `${topic.verb} ${topic.what}` }, contextOf(topic, place));
}

/** The error of a connection that could not be made or broke. Errors that have a code already stay as they are. */
export function brokenFailure(error: unknown, topic: Topic, place: Place): ToryoError {
  if (isFailure(error)) return error;
  const details = { verb: topic.verb, what: topic.what, server: place.server, why: whyOf(error) };
  const code = isCertificateTrouble(error) ? 'TORYO_KUBE_CERTIFICATE' : 'TORYO_KUBE_UNREACHABLE';
  return failure(code, details, contextOf(topic, place, error));
}

/** True when the request certainly never reached the server. */
export function wasNeverSent(error: unknown): boolean {
  return neverSent.has(codeIn(error));
}

/** True when another try cannot help: the certificate stays as it is. */
export function isCertificateTrouble(error: unknown): boolean {
  return certificateCodes.test(codeIn(error));
}

const neverSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const certificateCodes =
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET|DECRYPT|DECODE)|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|ERR_SSL_(TLSV1|SSLV3|TLSV13)_ALERT)/;

const plainWords: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset'],
  ['UND_ERR_SOCKET', 'the connection broke'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timed out while connecting'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timed out waiting for the answer'],
  ['UND_ERR_BODY_TIMEOUT', 'the answer stopped half way'],
  ['ENOTFOUND', 'the name is unknown'],
  ['EAI_AGAIN', 'the name cannot be resolved now'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'it does not speak TLS'],
]);

function whyOf(error: unknown): string {
  const code = codeIn(error);
  const words = plainWords.get(code);
  if (words !== undefined) return words;
  const reason = reasonOf(error);
  return code === '' || reason.includes(code) ? reason : `${code}: ${reason}`;
}

// The code may be on the error, on what caused it, or on the first of several addresses tried.
function codeIn(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return codeIn(error.errors[0]);
  return codeIn(error.cause);
}

function contextOf(topic: Topic, place: Place, cause?: unknown): ErrorContext {
  return { cluster: place.cluster, cause, ...(topic.isObject && { subject: topic.what }) };
}

function firstLine(answer: Answer): string {
  const line = answer.text.trim().split('\n', 1)[0] ?? '';
  return line === '' ? `HTTP ${answer.status}` : line.slice(0, 300);
}

/** A header's value; the first when it was sent more than once. */
export function textOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' || header === undefined ? header : header[0];
}
