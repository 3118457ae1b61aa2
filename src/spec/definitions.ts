import { getCallSites } from 'node:util';

/** A document as `define…()` returns it: what the YAML file would hold. */
export interface FleetDocument {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Where `define…()` was called. Lines and columns count from 1; the file is a `file:` URL or a path. */
export interface CallSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A document and the call that made it. */
export interface Definition {
  readonly document: FleetDocument;
  readonly at: CallSite;
}

const definitions: Definition[] = [];

/** Every document defined so far in this program, in the order of the calls. */
export function definitionsSoFar(): readonly Definition[] {
  return definitions;
}

/** This package's own folder: what stands there is no call of the fleet. */
const here = new URL('.', import.meta.url).href;

/** Keeps a document for the fleet; what JSON has no word for is refused where it stands. */
export function define(document: FleetDocument): FleetDocument {
  const copy = {
    apiVersion: document.apiVersion,
    kind: document.kind,
    metadata: plainObject(document.metadata, 'metadata'),
    spec: plainObject(document.spec, 'spec'),
  };
  const site = getCallSites(8).find((one) => !one.scriptName.startsWith(here));
  definitions.push({
    document: copy,
    at: { file: site?.scriptName ?? '', line: site?.lineNumber ?? 1, column: site?.columnNumber ?? 1 },
  });
  return copy;
}

function plainObject(value: object, path: string): Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(
      `${path} is no plain mapping: write strings, numbers, booleans, null, lists and mappings`,
    );
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, `${path}.${key}`)]));
}

function plain(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item, index) => plain(item, `${path}[${index}]`));
  if (typeof value === 'object' && value !== null) return plainObject(value, path);
  const isJson = value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
  if (isJson) return value;
  throw new TypeError(
    `${path} is ${typeof value === 'number' ? String(value) : `a ${typeof value}`}: write strings, numbers, booleans, null, lists and mappings`,
  );
}
