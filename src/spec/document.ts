import { isString, type JsonObject, type Origin, type PathStep } from '../lib/index.ts';
import { at } from '../lib/index.ts';
import type { Kind } from './schema/index.ts';

/** One document of the fleet repository, of whatever it was written in: what it says, and where each part stands. */
export interface SourceDocument {
  readonly kind: Kind;
  readonly name: string;
  readonly value: JsonObject;
  /** Path of the file, relative to the repository's root, with `/`. */
  readonly file: string;
  locate(path: readonly PathStep[], part?: 'key' | 'value'): Origin;
  /** Unquoted text of a scalar; undefined when quoted, no scalar, or not written in YAML. */
  plainText(path: readonly PathStep[]): string | undefined;
}

/** Where the document's name stands. */
export function nameOrigin(document: SourceDocument): Origin {
  return document.locate(['metadata', 'name']);
}

/** `apps/web.yaml:3`, for a message that points at another place. */
export function placeText(origin: Origin): string {
  return `${origin.file}:${origin.line}`;
}

/** What a document is called in messages; Apps are unique in their tenant only. */
export function documentTitle(document: SourceDocument): string {
  const tenant = document.kind === 'App' ? at(document.value, 'spec', 'tenant') : undefined;
  return isString(tenant) ? `App/${tenant}/${document.name}` : `${document.kind}/${document.name}`;
}
