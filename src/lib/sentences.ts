import type { Diagnostic, DiagnosticCode } from './diagnostics.ts';
import { en } from './text/en.ts';

/** What the catalogue says about a code: the rule, the case, the next step. */
export interface DiagnosticText {
  readonly title: string;
  message(args: Diagnostic['args']): string;
  readonly hint: string;
}

const texts: Readonly<Record<DiagnosticCode, DiagnosticText>> = en.diagnostics;

/** The title, sentence and hint of every diagnostic. */
export function diagnosticTextOf(code: DiagnosticCode): DiagnosticText {
  return texts[code];
}

/** What the user reads about one mistake, without its place and hint. */
export function sentenceOf(diagnostic: Diagnostic): string {
  return texts[diagnostic.code].message(diagnostic.args);
}

/** Every code of a diagnostic, in the order of the catalogue. */
export function diagnosticCodes(): readonly DiagnosticCode[] {
  return Object.keys(texts).filter((code) => isDiagnosticCode(code));
}

/** True for a code that the catalogue has a sentence for. */
export function isDiagnosticCode(code: string): code is DiagnosticCode {
  return Object.hasOwn(texts, code);
}
