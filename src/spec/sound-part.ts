import { isClean, platformTenant, type Diagnostic } from '../lib/index.ts';
import { documentTitle, type SourceDocument } from './document.ts';
import type { LeftOut } from './fleet.ts';
import { hiddenPromises, hiddenSpots, type Known } from './hidden.ts';
import type { Lock } from './lock.ts';
import type { Ground } from './mounts.ts';
import type { Registry, Unread } from './registry.ts';
import { doubtful, targetMistakes } from './waivers.ts';

/** All that a fleet is made from. */
export interface Sources extends Ground {
  readonly documents: readonly SourceDocument[];
  /** Documents that are there and could not be read: nothing is called missing because of them. */
  readonly unread: readonly Unread[];
  readonly lock: Lock;
  /** File names of toryo.lock that could not be read. */
  readonly unreadLocks: ReadonlySet<string>;
  /** Today, for what expires. */
  readonly now: string;
}

/** False for a valid document that cannot be part of the fleet: it is a Cluster's or Fleet's matter, or its name is another's. */
export function isFit(document: SourceDocument, registry: Registry): boolean {
  const { kind, name } = document;
  if (kind === 'Cluster' || kind === 'Fleet') return false;
  return registry.isFirst(document) && !(kind === 'Tenant' && name === platformTenant);
}

/** Namespaces that two would have: whose rules hold there is not known. */
export function contestedNamespaces(diagnostics: readonly Diagnostic[]): ReadonlySet<string> {
  const told = diagnostics.filter(({ code }) => code === 'TRY-SPEC-023' || code === 'TRY-SPEC-024');
  return new Set(told.map(({ args }) => String(args['namespace'])));
}

/** What the documents say that are not kept, as far as it is known. */
export function leftOutOf(
  { documents, unread, unreadLocks }: Sources,
  known: Known,
  diagnostics: readonly Diagnostic[],
): LeftOut {
  const { registry, kept } = known;
  const isWhole = isClean(diagnostics) && unread.length === 0;
  const left = documents.filter((one) => !kept.has(one));
  const waivers = documents.filter(
    (one) => one.kind === 'Waiver' && (!kept.has(one) || targetMistakes(one, registry).length > 0),
  );
  const unknown = unread.filter(({ kind }) => kind === 'Waiver').map(() => ({ rule: undefined, target: {} }));
  return {
    titles: [
      ...left.map(documentTitle),
      ...unread.filter(({ name }) => name !== '').map(({ kind, name }) => `${kind}/${name}`),
    ],
    waivers: [...waivers.map((one) => doubtful(one, registry)), ...unknown],
    lockFiles: unreadLocks,
    spots: isWhole ? [] : hiddenSpots(known),
    promises: isWhole ? new Set() : hiddenPromises(known, contestedNamespaces(diagnostics)),
  };
}
