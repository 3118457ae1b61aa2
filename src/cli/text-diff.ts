interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

const context = 3;

/** What differs between two texts, as unified hunks of lines without a header; empty when nothing does. */
export function textDiff(before: string, after: string): string {
  const lines = compare(linesOf(before), linesOf(after));
  const near = lines.map((_line, index) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some((line) => line.sign !== ' '),
  );
  let [old, fresh] = [1, 1];
  const result: string[] = [];
  for (const [index, { sign, text }] of lines.entries()) {
    if (near[index] === true) {
      if (near[index - 1] !== true) result.push(`@@ -${old} +${fresh} @@`);
      result.push(sign + text);
    }
    if (sign !== '+') old += 1;
    if (sign !== '-') fresh += 1;
  }
  return result.map((line) => `${line}\n`).join('');
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}

function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  const shortest = Math.min(before.length, after.length) - start;
  while (end < shortest && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const same = (lines: readonly string[]): readonly Line[] => lines.map((text) => ({ sign: ' ', text }));
  return [
    ...same(before.slice(0, start)),
    ...changed(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

type Pick = (left: number, right: number) => number;

/** Length of the longest common subsequence of what begins at a line of each; short texts only, after the equal ends are cut. */
function commonLengths(before: readonly string[], after: readonly string[]): Pick {
  const known: number[][] = [];
  const at: Pick = (left, right) => known[left]?.[right] ?? 0;
  for (let left = before.length - 1; left >= 0; left -= 1) {
    const row: number[] = [];
    known[left] = row;
    for (let right = after.length - 1; right >= 0; right -= 1) {
      const longest = Math.max(at(left + 1, right), at(left, right + 1));
      row[right] = before[left] === after[right] ? at(left + 1, right + 1) + 1 : longest;
    }
  }
  return at;
}

function changed(before: readonly string[], after: readonly string[]): readonly Line[] {
  const common = commonLengths(before, after);
  const result: Line[] = [];
  let right = 0;
  for (const [left, text] of before.entries()) {
    while (common(left, right + 1) > common(left + 1, right))
      result.push({ sign: '+', text: after[right++] ?? '' });
    const isSame = text === after[right];
    result.push({ sign: isSame ? ' ' : '-', text });
    if (isSame) right += 1;
  }
  return [...result, ...after.slice(right).map((text) => ({ sign: '+' as const, text }))];
}
