import { stripVTControlCharacters } from 'node:util';

/** What stays in one line: what is without spaces, and what stands in backticks, for that is to be copied. */
const word = /(\s*)((?:`[^`]*`|\S)+)/g;

/** A line that is to be copied as it is: JSON, or a command by itself. */
const copied = /^\s*\{"|^\s+(?:toryo|kubectl) /;

/** How far what is left of a line stands behind its beginning. */
const hang = 4;

/** Text of which no line is wider than `columns`, as far as words let it; what is to be copied stays. */
export function wrapped(text: string, columns: number): string {
  if (!Number.isFinite(columns)) return text;
  return text
    .split('\n')
    .flatMap((line) => (copied.test(line) ? line : wrappedLine(line, columns, hang)))
    .join('\n');
}

/** One line as several: what follows the first stands `behind` columns behind its beginning. */
export function wrappedLine(line: string, columns: number, behind = 0): readonly string[] {
  if (widthOf(line) <= columns) return [line];
  const indent = /^ */.exec(stripVTControlCharacters(line))?.[0] ?? '';
  const lines: string[] = [];
  let current = '';
  for (const [, space = '', piece = ''] of line.matchAll(word)) {
    const longer = `${current}${space}${piece}`;
    if (current === '' || widthOf(longer) <= columns) current = longer;
    else {
      lines.push(current);
      current = `${indent}${' '.repeat(behind)}${piece}`;
    }
  }
  return styled([...lines, current]);
}

const sequence = /\u001B\[(\d+)m/g;
/** What ends a style that began last. */
const endings = new Set(['0', '22', '23', '24', '27', '29', '39', '49']);

/** A style that goes on in the next line ends and begins anew: beside a line stand cells of other columns. */
function styled(lines: readonly string[]): readonly string[] {
  const open: string[] = [];
  return lines.map((line) => {
    const begun = open.join('');
    for (const [code, number = ''] of line.matchAll(sequence))
      if (endings.has(number)) open.pop();
      else open.push(code);
    const again = begun === '' ? line : line.replace(/^ */, (indent) => `${indent}${begun}`);
    return open.length === 0 ? again : `${again}\u001B[0m`;
  });
}

/** Columns that the widest word takes. */
export function widestWord(text: string): number {
  return Math.max(0, ...text.matchAll(word).map(([, , piece = '']) => widthOf(piece)));
}

/** Columns that a text takes on a screen. */
export function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
