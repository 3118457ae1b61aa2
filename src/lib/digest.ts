import { createHash } from 'node:crypto';
import { canonical } from './json.ts';

/** SHA-256 of a text or bytes, lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** `sha256:…` of a JSON value, the same whatever the order of keys. */
export function digestOf(value: unknown): string {
  return `sha256:${sha256(canonical(value))}`;
}

/** Base64url without padding of the SHA-256 of a text: the form ApplySet ids use. */
export function sha256Base64Url(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
