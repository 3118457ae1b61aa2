import { styleText } from 'node:util';
import { describe, expect, it } from 'vitest';
import { columnsOf } from './style.ts';
import { wrapped } from './wrap.ts';

describe('a sentence', () => {
  it('goes on behind its beginning', () => {
    expect(wrapped('  + group dev gains get on pods in shop-web\n  - it\n', 24)).toBe(
      '  + group dev gains get\n      on pods in\n      shop-web\n  - it\n',
    );
  });

  it('is never broken inside a word or a command', () => {
    expect(wrapped('see RoleBinding/shop-web/toryo:team and run `toryo access page`', 20)).toBe(
      'see\n    RoleBinding/shop-web/toryo:team\n    and run\n    `toryo access page`',
    );
  });

  it.each(['    {"op":"add","path":"/spec","value":"a b c d e"}', '  toryo check a/long/path/of/a-fleet'])(
    'leaves what is to be copied as it is: %s',
    (line) => {
      expect(wrapped(line, 20)).toBe(line);
    },
  );

  it('is one line where nobody looks', () => {
    const line = 'word '.repeat(100).trim();
    expect(wrapped(line, Number.POSITIVE_INFINITY)).toBe(line);
  });

  it('keeps its colour in each of its lines', () => {
    const red = styleText('red', 'one two', { validateStream: false });
    expect(wrapped(`  ${red} three`, 8)).toBe(
      '  \u001B[31mone\u001B[0m\n      \u001B[31mtwo\u001B[39m\n      three',
    );
  });
});

describe('the width of a stream', () => {
  it.each([
    ['a terminal', { isTTY: true, columns: 132 }, {}, 132],
    ['a terminal that COLUMNS describes', { isTTY: true, columns: 132 }, { COLUMNS: '100' }, 100],
    ['a terminal that does not know', { isTTY: true, columns: 0 }, { COLUMNS: 'x' }, 80],
    ['a file or a pipe', {}, { COLUMNS: '100' }, Number.POSITIVE_INFINITY],
  ])('is known of %s', (_about, stream, env, columns) => {
    expect(columnsOf(stream, env)).toBe(columns);
  });
});
