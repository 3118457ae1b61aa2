import { stripVTControlCharacters } from 'node:util';

/** Rows in columns: two spaces between, nothing after the last; a last column without content is left out. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const whole = head.length === 0 ? rows : [head, ...rows];
  const isLastEmpty = rows.length > 0 && rows.every((row) => row.at(-1) === '');
  const all = isLastEmpty ? whole.map((row) => row.slice(0, -1)) : whole;
  const widths = all.reduce<number[]>(
    (widest, row) => row.map((cell, index) => Math.max(widest[index] ?? 0, widthOf(cell))),
    [],
  );
  const lines = all.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : padded(cell, widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join('');
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - widthOf(cell)));
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
