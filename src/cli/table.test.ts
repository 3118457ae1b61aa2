import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sectionsText, tableText } from './table.ts';

const head = ['WAVE', 'CLUSTER', 'WHY'];
const rows = [
  ['canary', 'lab', 'not told'],
  ['rest', 'shop-tokyo, pay-tokyo', 'the cluster did not answer within ten seconds'],
];

describe('a table', () => {
  it('is one line for each row where there is room', () => {
    expect(tableText(head, rows, Number.POSITIVE_INFINITY)).toBe(
      `WAVE    CLUSTER                WHY
canary  lab                    not told
rest    shop-tokyo, pay-tokyo  the cluster did not answer within ten seconds
`,
    );
  });

  it('wraps what is widest in its column', () => {
    expect(tableText(head, rows, 60)).toBe(
      `WAVE    CLUSTER                WHY
canary  lab                    not told
rest    shop-tokyo, pay-tokyo  the cluster did not answer
                               within ten seconds
`,
    );
  });

  it('says below a row what has a word too wide for its column', () => {
    const via = 'RoleBinding/shop-web/toryo:team:shop-dev -> ClusterRole/view';
    expect(
      tableText(
        ['  WHO', 'BY'],
        [
          ['  group shop:dev', via],
          ['  user ann', 'Role/x'],
        ],
        48,
      ),
    ).toBe(
      `  WHO             BY
  group shop:dev
      RoleBinding/shop-web/toryo:team:shop-dev
      -> ClusterRole/view
  user ann        Role/x
`,
    );
  });

  it('loses no word and goes beyond the edge only with a word that is wider', () => {
    const cell = fc
      .array(fc.stringMatching(/^[a-z]{1,30}$/), { minLength: 1, maxLength: 8 })
      .map((words) => words.join(' '));
    const table = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,12}$/), cell, cell, cell), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(table, fc.integer({ min: 40, max: 120 }), (cells, columns) => {
        const text = tableText([], cells, columns);
        const words = (of: string): readonly string[] => of.split(/\s+/).filter(Boolean).sort();
        expect(words(text)).toEqual(words(cells.flat().join(' ')));
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

it('a matrix goes on below itself when its columns do not fit', () => {
  expect(sectionsText(['FROM', '1', '2', '3'], [['web', '80/TCP', 'yes', '443/TCP']], 20)).toBe(
    `FROM  1       2
web   80/TCP  yes

FROM  3
web   443/TCP
`,
  );
});
