import type { AccessSentence } from '../guard/index.ts';
import type { Style } from './style.ts';

/** How a sentence on access is marked, in text and in Markdown. */
export const accessMarks = { escalation: '!', gained: '+', unknown: '?', lost: '-', closed: '-' } as const;

const colors = {
  escalation: 'red',
  gained: 'green',
  unknown: 'yellow',
  lost: 'yellow',
  closed: 'dim',
} as const;

/** A line for each sentence; with `isWide` for each set of rights that whole roles allow, instead of their names. */
export function accessLines(
  sentences: readonly AccessSentence[],
  style: Style,
  { isWide, word = '' }: { readonly isWide: boolean; readonly word?: string },
): readonly string[] {
  return sentences.flatMap(({ what, text, parts }) =>
    (isWide ? (parts ?? [text]) : [text]).map(
      (line) => `  ${style(colors[what], `${word}${accessMarks[what]}`)} ${line}\n`,
    ),
  );
}

/** Where to read what is not told; empty when all is. */
export function rolesHint(sentences: readonly AccessSentence[], isWide: boolean): string {
  const isNamed = !isWide && sentences.some(({ parts }) => parts !== undefined);
  return isNamed ? '-o wide lists what whole roles allow\n' : '';
}
