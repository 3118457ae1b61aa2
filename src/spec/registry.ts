import { nearest, problem, type Diagnostic, type Origin } from '../lib/index.ts';
import { documentTitle, nameOrigin, placeText, type SourceDocument } from './document.ts';
import type { Kind } from './schema/index.ts';

/** A document that is there and could not be read. An empty name may be any. */
export interface Unread {
  readonly kind: Kind;
  readonly name: string;
  /** Of an App, as far as it can be made out. */
  readonly tenant?: string | undefined;
}

/** Every document by kind and name; those with mistakes too, so that a reference to one is not called missing. */
export class Registry {
  readonly #byTitle = new Map<string, SourceDocument>();
  readonly #names = new Map<Kind, Set<string>>();
  readonly diagnostics: Diagnostic[] = [];

  readonly #unread: readonly Unread[];

  constructor(documents: readonly SourceDocument[], unread: readonly Unread[] = []) {
    this.#unread = unread;
    for (const document of documents) this.#add(document);
  }

  #add(document: SourceDocument): void {
    const title = documentTitle(document);
    const other = this.#byTitle.get(title);
    if (other !== undefined && document.kind === 'Fleet') return; // TRY-SPEC-020 says it
    if (other !== undefined) {
      this.diagnostics.push(
        problem('TRY-SPEC-012', nameOrigin(document), { what: title, other: placeText(nameOrigin(other)) }),
      );
      return;
    }
    this.#byTitle.set(title, document);
    const names = this.#names.get(document.kind) ?? new Set<string>();
    this.#names.set(document.kind, names.add(document.name));
  }

  get(kind: Kind, name: string): SourceDocument | undefined {
    return this.#byTitle.get(`${kind}/${name}`);
  }

  has(title: string): boolean {
    return this.#byTitle.has(title);
  }

  /** False for a second document of a title, which is told. */
  isFirst(document: SourceDocument): boolean {
    return this.#byTitle.get(documentTitle(document)) === document;
  }

  /** True when a document of that title is there, or one that could not be read may be it. */
  mayHave(title: string): boolean {
    const [kind, ...names] = title.split('/');
    return (
      this.has(title) || this.#unread.some((one) => one.kind === kind && isCalled(one, names.at(-1) ?? ''))
    );
  }

  /** Documents of a kind that could not be read. */
  unread(kind: Kind): readonly Unread[] {
    return this.#unread.filter((one) => one.kind === kind);
  }

  names(kind: Kind): ReadonlySet<string> {
    return this.#names.get(kind) ?? new Set();
  }

  /** Every title, `App/shop/web` and the like. */
  titles(): Iterable<string> {
    return this.#byTitle.keys();
  }

  /** A diagnostic when a reference leads nowhere. */
  missing(kind: Kind, name: string, at: Origin): readonly Diagnostic[] {
    if (this.names(kind).has(name) || this.unread(kind).some((one) => isCalled(one, name))) return [];
    return [
      problem('TRY-SPEC-013', at, {
        what: `${kind} "${name}"`,
        suggestion: nearest(name, this.names(kind)) ?? '',
      }),
    ];
  }
}

function isCalled(unread: Unread, name: string): boolean {
  return unread.name === '' || unread.name === name;
}
