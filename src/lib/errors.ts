import { en } from './text/en.ts';

/** What the code of an error decides: may the same call be tried again, the HTTP status when served, the exit code. */
export interface ErrorKind {
  readonly retryable: boolean;
  readonly status: number;
  readonly exit: number;
}

const kind = (exit: number, status: number, retryable = false): ErrorKind => ({ exit, status, retryable });

/** Every operation that can fail, by its stable code; docs/reference/errors.md is made from this and the catalogue of texts. */
export const errorKinds = {
  TORYO_USAGE: kind(2, 400),
  TORYO_INTERRUPTED: kind(130, 499),
  TORYO_INTERNAL: kind(1, 500),
  TORYO_KUBECONFIG: kind(2, 400),
  TORYO_EXEC_PLUGIN: kind(4, 401),
  TORYO_KUBE_UNREACHABLE: kind(6, 502, true),
  TORYO_KUBE_CERTIFICATE: kind(6, 502),
  TORYO_KUBE_UNAUTHENTICATED: kind(4, 401),
  TORYO_KUBE_FORBIDDEN: kind(4, 403),
  TORYO_KUBE_NOT_FOUND: kind(1, 404),
  TORYO_KUBE_CONFLICT: kind(1, 409),
  TORYO_KUBE_FIELD_CONFLICT: kind(3, 409),
  TORYO_CHANGED: kind(1, 409),
  TORYO_KUBE_INVALID: kind(1, 422),
  TORYO_KUBE_EXPIRED: kind(1, 410, true),
  TORYO_KUBE_BUSY: kind(1, 429, true),
  TORYO_KUBE_SERVER: kind(1, 502, true),
  TORYO_KUBE_ANSWER: kind(1, 502),
  TORYO_KUBE_UNKNOWN_KIND: kind(1, 404),
  TORYO_ASSET: kind(1, 500),
  TORYO_ASSET_UNKNOWN: kind(2, 400),
  TORYO_REGISTRY_CONFIG: kind(2, 400),
  TORYO_REGISTRY_HELPER: kind(4, 401),
  TORYO_REGISTRY_UNREACHABLE: kind(6, 502, true),
  TORYO_REGISTRY_UNAUTHORISED: kind(4, 403),
  TORYO_REGISTRY_NOT_FOUND: kind(1, 404),
  TORYO_REGISTRY_BUSY: kind(1, 429, true),
  TORYO_REGISTRY_ANSWER: kind(1, 502),
  TORYO_IMAGES: kind(1, 502),
  TORYO_GIT: kind(1, 500),
  TORYO_APPROVAL: kind(3, 409),
  TORYO_DISK: kind(1, 507),
  TORYO_OUTPUT: kind(1, 500),
  TORYO_SANDBOX: kind(1, 500),
  TORYO_SANDBOX_UNKNOWN: kind(2, 404),
  TORYO_WRONG_CLUSTER: kind(3, 409),
  TORYO_BLOCKED: kind(3, 409),
  TORYO_PLAN_STALE: kind(3, 409),
  TORYO_LOCKED: kind(3, 409),
  TORYO_LEASE_LOST: kind(1, 409),
  TORYO_NOT_ENFORCED: kind(3, 409),
  TORYO_PARTIAL: kind(6, 502),
  TORYO_TIMED_OUT: kind(7, 504),
  TORYO_UNHEALTHY: kind(8, 503),
  TORYO_NOT_WRITTEN: kind(1, 409),
  TORYO_APPLY_FAILED: kind(1, 500),
  TORYO_UNDO: kind(3, 409),
} as const satisfies Record<keyof typeof en.errors, ErrorKind>;

/** A stable error code. */
export type ErrorCode = keyof typeof errorKinds;

type DetailsOf = { readonly [C in ErrorCode]: Parameters<(typeof en.errors)[C]['message']>[0] };

const texts: {
  readonly [C in ErrorCode]: { readonly message: (details: DetailsOf[C]) => string; readonly hint: string };
} = en.errors;

/** What an error is about. */
export interface ErrorContext {
  /** The object or thing, e.g. `Deployment/shop-web/web`. */
  readonly subject?: string;
  readonly cluster?: string;
  readonly cause?: unknown;
}

/** An operation failed. The message is English; the code is what programs read. */
export class ToryoError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, string | number>>;
  readonly subject: string | undefined;
  readonly cluster: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, string | number>>,
    context: ErrorContext = {},
  ) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = 'ToryoError';
    this.code = code;
    this.details = details;
    this.subject = context.subject;
    this.cluster = context.cluster;
  }

  get isRetryable(): boolean {
    return errorKinds[this.code].retryable;
  }

  get exitCode(): number {
    return errorKinds[this.code].exit;
  }
}

/** Makes the error of a code; its details are what the catalogue's sentence needs. */
export function failure<C extends ErrorCode>(
  code: C,
  details: DetailsOf[C],
  context: ErrorContext = {},
): ToryoError {
  return new ToryoError(code, texts[code].message(details), details, context);
}

/** What to do next about an error of that code. */
export function hintOf(code: ErrorCode): string {
  return texts[code].hint;
}

/** True for a code of the registry. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorKinds, code);
}

/** True for a ToryoError, of the code when one is given. */
export function isFailure(error: unknown, ...codes: readonly ErrorCode[]): error is ToryoError {
  return error instanceof ToryoError && (codes.length === 0 || codes.includes(error.code));
}

/** What went wrong, for people, of whatever was thrown. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error instanceof Error) return error.message;
  return String(error);
}
