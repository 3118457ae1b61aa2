import { diagnosticTextOf, sentenceOf, type Diagnostic } from '../lib/index.ts';
import { reasonsText } from './reason-text.ts';
import type { Style } from './style.ts';

const colors = { error: 'red', warning: 'yellow', note: 'dim' } as const;

/** Mistakes for people: place, severity and code, the sentence, and what to do; a hint is said once for a run of equals. */
export function diagnosticsText(diagnostics: readonly Diagnostic[], style: Style): string {
  return diagnostics
    .map((one, index) => {
      const place = `${one.at.file}:${one.at.line}:${one.at.column}`;
      const word = style(colors[one.severity], one.severity);
      const why = reasonsText(one.why ?? [], '  ', style);
      const head = `${style('bold', place)} ${word} ${style('dim', one.code)} ${sentenceOf(one)}\n${why}`;
      const isRepeated = diagnostics[index + 1]?.code === one.code && one.severity !== 'error';
      return isRepeated ? head : `${head}  ${style('dim', diagnosticTextOf(one.code).hint)}\n`;
    })
    .join('');
}

/** Mistakes as data; the message is English whatever the language. */
export function jsonDiagnostics(diagnostics: readonly Diagnostic[]): readonly unknown[] {
  return diagnostics.map((one) => ({
    code: one.code,
    severity: one.severity,
    ...one.at,
    args: one.args,
    message: sentenceOf(one),
    hint: diagnosticTextOf(one.code).hint,
    ...(one.why === undefined ? {} : { why: one.why }),
  }));
}

/** `2 errors, 1 warning, 1 note`. */
export function countText(diagnostics: readonly Diagnostic[]): string {
  return (['error', 'warning', 'note'] as const)
    .map((severity) => count(diagnostics.filter((one) => one.severity === severity).length, severity))
    .filter((text) => text !== '')
    .join(', ');
}

function count(number: number, noun: string): string {
  return number === 0 ? '' : `${number} ${noun}${number === 1 ? '' : 's'}`;
}
