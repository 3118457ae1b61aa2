import { describe, expect, it } from 'vitest';
import { textDiff } from './text-diff.ts';

const numbered = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}`);

describe('the difference of two texts', () => {
  it('is nothing where nothing differs', () => {
    expect(textDiff('a\nb\n', 'a\nb\n')).toBe('');
  });

  it('shows what changed with three lines around it', () => {
    const lines = numbered(9);
    expect(textDiff(lines.join('\n'), lines.with(4, 'other').join('\n'))).toBe(
      '@@ -2 +2 @@\n line 2\n line 3\n line 4\n-line 5\n+other\n line 6\n line 7\n line 8\n',
    );
  });

  it('has a hunk for each place', () => {
    const lines = numbered(20);
    const after = [...lines.with(1, 'other').slice(0, 17), 'more', ...lines.slice(17)];
    expect(textDiff(lines.join('\n'), after.join('\n'))).toBe(
      '@@ -1 +1 @@\n line 1\n-line 2\n+other\n line 3\n line 4\n line 5\n@@ -15 +15 @@\n line 15\n line 16\n line 17\n+more\n line 18\n line 19\n line 20\n',
    );
  });
});
