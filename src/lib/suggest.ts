/** The candidate nearest to a misspelt word, by edits (insert, delete, replace, swap); undefined when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

// Optimal string alignment: a swap of neighbours, the commonest slip, is one edit.
function editDistance(left: string, right: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = nextRow(left, right, row, [last, beforeLast]);
    [beforeLast, last] = [last, current];
  }
  return last[right.length] ?? 0;
}

function nextRow(
  left: string,
  right: string,
  row: number,
  above: readonly [readonly number[], readonly number[]],
): number[] {
  const [last, beforeLast] = above;
  const current = [row];
  for (let column = 1; column <= right.length; column += 1) {
    const cost = left[row - 1] === right[column - 1] ? 0 : 1;
    const isSwap = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
    const swap = isSwap ? (beforeLast[column - 2] ?? Infinity) + 1 : Infinity;
    const insert = (current[column - 1] ?? 0) + 1;
    current.push(Math.min((last[column] ?? 0) + 1, insert, (last[column - 1] ?? 0) + cost, swap));
  }
  return current;
}
