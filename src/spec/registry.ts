import { nearest, problem, type Diagnostic, type Origin } from '../lib/index.ts';
import { documentTitle, nameOrigin, placeText, type SourceDocument } from './document.ts';
import type { Kind } from './schema/index.ts';

/** Every document by kind and name; those with mistakes too, so that a reference to one is not called missing. */
export class Registry {
  readonly #byTitle = new Map<string, SourceDocument>();
  readonly #names = new Map<Kind, Set<string>>();
  readonly diagnostics: Diagnostic[] = [];

  constructor(documents: readonly SourceDocument[]) {
    for (const document of documents) this.#add(document);
  }

  #add(document: SourceDocument): void {
    const title = documentTitle(document);
    const other = this.#byTitle.get(title);
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

  names(kind: Kind): ReadonlySet<string> {
    return this.#names.get(kind) ?? new Set();
  }

  /** Every title, `App/shop/web` and the like. */
  titles(): Iterable<string> {
    return this.#byTitle.keys();
  }

  /** A diagnostic when a reference leads nowhere. */
  missing(kind: Kind, name: string, at: Origin): readonly Diagnostic[] {
    if (this.names(kind).has(name)) return [];
    return [
      problem('TRY-SPEC-013', at, {
        what: `${kind} "${name}"`,
        suggestion: nearest(name, this.names(kind)) ?? '',
      }),
    ];
  }
}
