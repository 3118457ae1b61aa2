import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEqual, parseYaml, pathText, yamlText } from './index.ts';

const read = (text: string): unknown => parseYaml(text, 'x.yaml').value?.[0]?.value;
const codes = (text: string): readonly string[] =>
  parseYaml(text, 'x.yaml').diagnostics.map((one) => one.code);

const tricky = fc.constantFrom(
  'yes',
  'on',
  'y',
  'N',
  'null',
  '~',
  '',
  '0644',
  '1_000',
  '08',
  '012:34',
  '2026-11-21',
  '0x1F',
  '0o17',
  '1e3',
  '.5',
  '-0',
  '1.',
  '12e03',
  '.inf',
  '.nan',
  '+1',
  '0b11',
  '<<',
  '=',
  '- a',
  '# b',
  'a: b',
  '!tag',
  '&a',
  '*a',
  '|',
  '>',
  '%',
  '@',
  '`',
  '\uFEFFx',
  ' lead',
  'trail ',
  'a\nb\n',
  'tab\there',
  '"quoted"',
  "it's",
  '__proto__',
  '🙂',
  '\u2028',
  '...',
);
const scalar = fc.oneof(
  tricky,
  fc.string(),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
  fc.constant(null),
);
const key = fc.oneof(tricky, fc.string());
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

describe('yamlText and parseYaml', () => {
  it('are each other’s inverse', () => {
    fc.assert(
      fc.property(value, (one) => {
        const wanted: unknown = JSON.parse(JSON.stringify({ one }));
        const text = yamlText(wanted);
        expect(codes(text)).toEqual([]);
        const back = read(text);
        if (!isEqual(back, wanted)) expect(back).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseYaml', () => {
  it.each([
    ['0644', 420],
    ['yes', true],
    ['1_000', 1000],
    ['08', 8],
    ['012:34', '012:34'],
    ['2026-11-21', '2026-11-21'],
    ['"yes"', 'yes'],
    ['!!str yes', 'yes'],
    ['!!int "12"', 12],
    ['|\n  a\n  b\n', 'a\nb\n'],
  ])('reads %s as Kubernetes does', (text, wanted) => {
    expect(read(`a: ${text}`)).toEqual({ a: wanted });
  });

  it('turns keys into text, as Kubernetes does', () => {
    expect(read('y: 1\n8: 2\n1.5: 3\n')).toEqual({ true: 1, 8: 2, '1.5': 3 });
    expect(codes('? [a]\n: 1\n')).toEqual(['TRY-YAML-005']);
    expect(codes('~: 1\n')).toEqual(['TRY-YAML-005']);
  });

  it('merges with << and lets own keys win', () => {
    expect(read('a: &a { x: 1, z: 2 }\nb: { <<: *a, z: 3 }\n')).toEqual({
      a: { x: 1, z: 2 },
      b: { x: 1, z: 3 },
    });
  });

  it('makes __proto__ a key like any other', () => {
    const found = read('__proto__: { polluted: true }\n');
    expect(Object.keys(found ?? {})).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('knows where everything stands, with CRLF and a byte order mark too', () => {
    const text = '\uFEFFa: 1\r\nb:\r\n  - name: x\r\n    "c d": \'y\'\r\n---\r\nz: 2\r\n';
    const [first, second] = parseYaml(text, 'x.yaml').value ?? [];
    expect(first?.locate(['a'])).toEqual({ file: 'x.yaml', line: 1, column: 4, path: 'a' });
    expect(first?.locate(['b', 0, 'c d'])).toEqual({
      file: 'x.yaml',
      line: 4,
      column: 12,
      path: 'b[0]["c d"]',
    });
    expect(first?.locate(['b', 0, 'c d'], 'key')).toMatchObject({ line: 4, column: 5 });
    expect(first?.locate(['b', 0, 'none'])).toMatchObject({ line: 3, column: 5 });
    expect(second?.locate(['z'])).toMatchObject({ line: 6, column: 4 });
    expect(second?.begins).toMatchObject({ line: 6 });
    expect(first?.plainText(['a'])).toBe('1');
    expect(first?.plainText(['b', 0, 'c d'])).toBeUndefined();
  });

  it('points at the key when a value is empty', () => {
    const [document] = parseYaml('a:\nb: 1\n', 'x.yaml').value ?? [];
    expect(document?.locate(['a'])).toMatchObject({ line: 1, column: 1 });
  });

  it('leaves empty documents out', () => {
    expect(parseYaml('---\n---\na: 1\n---\n# nothing\n', 'x.yaml').value?.length).toBe(1);
    expect(parseYaml('', 'x.yaml').value).toEqual([]);
  });

  it('collects all mistakes of a file', () => {
    expect(codes('a: 1\na: 2\nb: .inf\nc: *none\n')).toEqual([
      'TRY-YAML-003',
      'TRY-YAML-006',
      'TRY-YAML-001',
    ]);
  });

  it('never throws, whatever the text is', () => {
    const piece = fc.oneof(
      tricky,
      fc.constantFrom('\n', ': ', '- ', '{', '}', '[', ']', ',', '&a ', '*a', '  ', '\t', '---\n'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        parseYaml(pieces.join(''), 'x.yaml');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('pathText', () => {
  it('writes steps as people do', () => {
    expect(pathText(['spec', 'pools', 0, 'services.loadbalancers'])).toBe(
      'spec.pools[0]["services.loadbalancers"]',
    );
  });

  it('places the items of a list in one look', () => {
    const text = '# one\nitems:\n  - a: 1\n    b: 2\n\n  - "x"\n  # two\n  - &c [1]\n  - *c\nothers: 3\n';
    const [document] = parseYaml(text, 'a.yaml').value ?? [];
    expect(document?.itemsBegin(['items']).map(({ line, path }) => [line, path])).toEqual([
      [3, 'items[0]'],
      [6, 'items[1]'],
      [8, 'items[2]'],
      [9, 'items[3]'],
    ]);
    expect(document?.itemsBegin(['others'])).toEqual([]);
    expect(document?.itemsBegin(['none'])).toEqual([]);
  });
});
