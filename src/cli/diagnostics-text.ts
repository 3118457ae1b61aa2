import { diagnosticTextOf, sentenceOf, type Diagnostic } from '../lib/index.ts';
import type { Style } from './style.ts';

/** Mistakes for people: place, severity and code, the sentence, and what to do; a hint is said once for a run of equals. */
export function diagnosticsText(diagnostics: readonly Diagnostic[], style: Style): string {
  return diagnostics
    .map((one, index) => {
      const place = `${one.at.file}:${one.at.line}:${one.at.column}`;
      const word = one.severity === 'error' ? style('red', 'error') : style('yellow', 'warning');
      const head = `${style('bold', place)} ${word} ${style('dim', one.code)} ${sentenceOf(one)}\n`;
      const isRepeated = diagnostics[index + 1]?.code === one.code && one.severity === 'warning';
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
  }));
}

/** `2 errors, 1 warning`. */
export function countText(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((one) => one.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  return [count(errors, 'error'), count(warnings, 'warning')].filter((text) => text !== '').join(', ');
}

function count(number: number, noun: string): string {
  return number === 0 ? '' : `${number} ${noun}${number === 1 ? '' : 's'}`;
}
