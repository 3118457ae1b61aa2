import { widestWord, widthOf, wrappedLine } from './wrap.ts';

type Row = readonly string[];

/**
 * Rows in columns: two spaces between, nothing after the last; a last column without content is left out. What is wider than
 * `columns` wraps in its column, the widest first; what has words too wide for that stands below its row.
 */
export function tableText(head: Row, rows: readonly Row[], columns: number): string {
  const whole = head.length === 0 ? rows : [head, ...rows];
  const isLastEmpty = rows.length > 0 && rows.every((row) => row.at(-1) === '');
  const all = isLastEmpty ? whole.map((row) => row.slice(0, -1)) : whole;
  return linesOf(all, columns)
    .flat()
    .map((line) => `${line}\n`)
    .join('');
}

/** Tables with as many columns in each as there is room for; the first column begins each of them. */
export function sectionsText(head: Row, rows: readonly Row[], columns: number): string {
  const whole = [head, ...rows];
  const [first = 0, ...others] = widest(whole, widthOf);
  const starts = [1];
  let taken = first;
  for (const [index, width] of others.entries()) {
    taken += gap.length + width;
    if (taken <= columns || starts.at(-1) === index + 1) continue;
    starts.push(index + 1);
    taken = first + gap.length + width;
  }
  return starts
    .map((start, index) => {
      const cut = (row: Row): Row => [row[0] ?? '', ...row.slice(start, starts[index + 1])];
      return tableText(cut(head), rows.map(cut), columns);
    })
    .join('\n');
}

const gap = '  ';
/** Cells below others stand behind their beginning. */
const below = 4;

/** The lines of each row; a last column for which there is no room at all stands below in every row. */
function linesOf(rows: readonly Row[], columns: number): readonly (readonly string[])[] {
  const widths = widthsIn(rows, columns);
  if (widths !== undefined) return rows.map((row) => rowLines(row, widths, columns));
  const above = linesOf(
    rows.map((row) => row.slice(0, -1)),
    columns,
  );
  return rows.map((row, index) => [...(above[index] ?? []), ...linesBelow(row, row.slice(-1), columns)]);
}

/** Cells side by side, from the first on whose words are too wide for its column below them. */
function rowLines(row: Row, widths: readonly number[], columns: number): readonly string[] {
  const isTooWide = (cell: string, width: number): boolean =>
    widthOf(cell) > width && widestWord(cell) > width;
  const wide = row.findIndex((cell, index) => index > 0 && isTooWide(cell, widths[index] ?? 0));
  const beside = wide === -1 ? row : row.slice(0, wide);
  const cells = beside.map((cell, index) => wrappedLine(cell, widths[index] ?? 0));
  const height = Math.max(...cells.map((lines) => lines.length));
  const lines = Array.from({ length: height }, (_, line) =>
    cells
      .map((parts, index) => padded(parts[line] ?? '', widths[index] ?? 0))
      .join(gap)
      .trimEnd(),
  );
  return [...lines, ...linesBelow(row, row.slice(beside.length), columns)];
}

/** As many cells in a line as there is room for. */
function linesBelow([first = '']: Row, cells: Row, columns: number): readonly string[] {
  const indent = ' '.repeat(below + first.length - first.trimStart().length);
  const lines: string[] = [];
  for (const cell of cells.filter((one) => one !== '')) {
    const longer = `${lines.at(-1) ?? ''}${gap}${cell}`;
    if (lines.length > 0 && widthOf(longer) <= columns) lines.splice(-1, 1, longer);
    else lines.push(...wrappedLine(`${indent}${cell}`, columns));
  }
  return lines;
}

/** Narrower than this a sentence does not read well. */
const narrowest = 20;
/** Still better than a row in two parts. */
const tight = 10;

/** Widths of columns that fit, the widest narrowed first; undefined when even the narrowest do not. */
function widthsIn(rows: readonly Row[], columns: number): readonly number[] | undefined {
  const wanted = widest(rows, widthOf);
  const room = columns - gap.length * (wanted.length - 1);
  if (sum(wanted) <= room) return wanted;
  if (wanted.length === 1) return [columns];
  const words = widest(rows, widestWord);
  // The first column names what its row is about: a name stays whole.
  const narrowed = (most: number, floor: number, word: readonly number[]): readonly number[] =>
    wanted.map((width, index) =>
      index === 0 ? width : Math.min(width, Math.max(most, floor, word[index] ?? 0)),
    );
  const ways = [
    (most: number) => narrowed(most, narrowest, words),
    (most: number) => narrowed(most, tight, words),
    (most: number) => narrowed(most, narrowest, []),
  ];
  const way = ways.find((one) => sum(one(0)) <= room);
  if (way === undefined) return undefined;
  let most = Math.max(...wanted);
  while (sum(way(most)) > room) most -= 1;
  return spread(way(most), wanted, rows, room);
}

/** Words leave room at the end of their lines: the last column that was narrowed gets it. */
function spread(
  widths: readonly number[],
  wanted: readonly number[],
  rows: readonly Row[],
  room: number,
): readonly number[] {
  const last = widths.findLastIndex((width, index) => width < (wanted[index] ?? 0));
  if (last === -1) return widths;
  const used = widest(rows, (cell, index) => {
    const width = widths[index] ?? 0;
    return Math.min(width, Math.max(...wrappedLine(cell, width).map(widthOf)));
  });
  const left = room - sum(used);
  return used.with(last, Math.min(wanted[last] ?? 0, (used[last] ?? 0) + left));
}

function sum(widths: readonly number[]): number {
  return widths.reduce((all, width) => all + width, 0);
}

function widest(rows: readonly Row[], measure: (cell: string, index: number) => number): readonly number[] {
  return rows.reduce<number[]>(
    (widths, row) => row.map((cell, index) => Math.max(widths[index] ?? 0, measure(cell, index))),
    [],
  );
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - widthOf(cell)));
}
