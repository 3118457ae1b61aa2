import { isBuiltin } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { allowedFrom, bannedNames, closer, exempt, onlyIn, pure, rooms, sizes } from '../architecture.ts';
import { readSource, readSources, roomOf, type Source } from '../scripts/sources.ts';

type Rule = (sources: readonly Source[]) => readonly string[];

const eachImport = (source: Source) =>
  source.imports.flatMap(({ file, line }) => {
    const to = file === undefined ? undefined : roomOf(file);
    return file === undefined || to === undefined || to === source.room
      ? []
      : [{ file, to, at: `${source.file}:${line}` }];
  });

const isExempt = (source: Source): boolean => exempt.some((pattern) => pattern.test(source.file));

const rules: Readonly<Record<string, Rule>> = {
  'every folder of src is a room of architecture.ts': (sources) =>
    sources
      .filter(({ room }) => room !== undefined && rooms[room] === undefined)
      .map(
        ({ file, room }) =>
          `${file}:1 room ${room} is unknown: add it to the map in architecture.ts, or move the file`,
      ),

  'directions: a room imports only what is below it': (sources) =>
    sources.flatMap((source) => {
      const { room } = source;
      if (room === undefined || source.isTest) return [];
      return eachImport(source)
        .filter(({ to }) => !allowedFrom(room).has(to))
        .map(
          ({ at, to }) =>
            `${at} ${room} may not import ${to}: move what is needed to a room below both, or pass it as an argument`,
        );
    }),

  'closer: some rooms are imported by few': (sources) =>
    sources.flatMap((source) => {
      const { room } = source;
      if (room === undefined || source.isTest) return [];
      return eachImport(source)
        .filter(({ to }) => closer[to] !== undefined && !closer[to].includes(room))
        .map(
          ({ at, to }) =>
            `${at} only ${closer[to]?.join(', ')} may import ${to}: ask one of them instead of ${room}`,
        );
    }),

  'doors: another room is entered by its index.ts, by tests also through its testing/': (sources) =>
    sources.flatMap((source) =>
      eachImport(source)
        .filter(({ file, to }) => file !== `src/${to}/index.ts` && file !== `src/${to}.ts`)
        .filter(({ file, to }) => !(source.isTest && file.startsWith(`src/${to}/testing/`)))
        .map(
          ({ at, file, to }) =>
            `${at} imports ${file}: import src/${to}/index.ts, and export there what is missing`,
        ),
    ),

  'no cycles between files': (sources) => cyclesIn(graphOf(sources)),

  'no cycles between rooms': (sources) =>
    cyclesIn(
      new Map(
        [...Map.groupBy(sources, (source) => (source.isTest ? undefined : source.room))].flatMap(
          ([room, members]) =>
            room === undefined
              ? []
              : [[room, members.flatMap((source) => eachImport(source).map(({ to }) => to))]],
        ),
      ),
    ),

  'no cycles between the folders of a room': (sources) =>
    cyclesIn(
      new Map(
        [...Map.groupBy(sources, (source) => (source.isTest ? undefined : folderOf(source.file)))].flatMap(
          ([folder, members]) =>
            folder === undefined ? [] : [[folder, members.flatMap((source) => otherFolders(source))]],
        ),
      ),
    ),

  'pure files touch nothing outside': (sources) =>
    sources
      .filter((source) => !source.isTest && pure.some((pattern) => pattern.test(source.file)))
      .flatMap(({ file, imports, uses }) => [
        ...imports
          .filter(({ specifier }) => isBuiltin(specifier))
          .map(
            ({ specifier, line }) =>
              `${file}:${line} imports ${specifier} in a pure file: take what it gives as an argument`,
          ),
        ...uses.map(
          ({ what, line }) => `${file}:${line} uses ${what} in a pure file: take its value as an argument`,
        ),
      ]),

  'names of the outside world stay where they belong': (sources) =>
    sources.flatMap(({ file, uses, isTest }) =>
      uses
        .filter(
          ({ what }) =>
            file.startsWith('src/') && !isTest && onlyIn[what]?.some((place) => place.test(file)) === false,
        )
        .map(
          ({ what, line }) =>
            `${file}:${line} uses ${what}: return a value or throw, and let src/cli print and exit`,
        ),
    ),

  'sizes of files': (sources) =>
    sources
      .filter((source) => !isExempt(source))
      .map((source) => ({ ...source, limit: source.isTest ? sizes.test : sizes.file }))
      .filter(({ codeLines, limit }) => codeLines > limit)
      .map(
        ({ file, codeLines, limit }) =>
          `${file}:1 has ${codeLines} code lines, more than ${limit}: split it by what its parts are about`,
      ),

  'sizes of functions': (sources) =>
    sources
      .filter((source) => !source.isTest && !isExempt(source))
      .flatMap(({ file, functions }) =>
        functions
          .filter(({ codeLines }) => codeLines > sizes.functionLines)
          .map(
            ({ what, line, codeLines }) =>
              `${file}:${line} ${what} has ${codeLines} code lines, more than ${sizes.functionLines}: give its parts names`,
          ),
      ),

  'names of files': (sources) =>
    sources.flatMap(({ file }) => {
      const name = path.basename(file).replace(/(\.test|\.config)?\.[a-z]+$/, '');
      if (bannedNames.includes(name))
        return [`${file}:1 is called ${name}, which says nothing: name it after what it exports`];
      return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) ? [] : [`${file}:1 is not kebab-case: rename it`];
    }),

  'no any, no `as` but `as const` outside tests, no default exports outside configuration': (sources) =>
    sources.flatMap(({ file, isTest, forbidden }) =>
      forbidden
        .filter(({ what }) =>
          isTest ? what === 'any' : !(what === 'export default' && file.endsWith('.config.ts')),
        )
        .map(({ what, line }) => `${file}:${line} uses ${what}: ${insteadOf[what]}`),
    ),
};

const insteadOf: Readonly<Record<string, string>> = {
  any: 'say `unknown` and read it with a guard of src/lib/json.ts or a schema',
  as: 'read it with a guard of src/lib/json.ts or a schema, or let `satisfies` check it',
  'export default': 'export it by its name',
};

/** `src/deliver/plan` of a file in it; nothing for files that stand in a room, or hold what tests need. */
function folderOf(file: string): string | undefined {
  const folder = /^(src\/[a-z]+\/[a-z-]+)\//.exec(file)?.[1];
  return folder?.endsWith('/testing') === true ? undefined : folder;
}

function otherFolders({ file, imports }: Source): readonly string[] {
  const own = folderOf(file);
  return imports.flatMap((one) => {
    const other = one.file === undefined ? undefined : folderOf(one.file);
    return other === undefined || other === own || path.dirname(other) !== path.dirname(own ?? '')
      ? []
      : [other];
  });
}

function graphOf(sources: readonly Source[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    sources.map(({ file, imports }) => [
      file,
      imports.filter((one) => !one.isLazy).flatMap((one) => one.file ?? []),
    ]),
  );
}

/** Each cycle once, as `a -> b -> a: what to do`. */
function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (node: string, trail: readonly string[]): void => {
    const start = trail.indexOf(node);
    if (start !== -1)
      cycles.push(`${[...trail.slice(start), node].join(' -> ')}: move what both need to a place of its own`);
    if (start !== -1 || done.has(node)) return;
    for (const next of new Set(graph.get(node))) visit(next, [...trail, node]);
    done.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return cycles;
}

describe('the repository', () => {
  const root = path.resolve(import.meta.dirname, '..');
  const sources = readSources(root, ['src', 'test', 'scripts', 'bench']);

  it.each(Object.entries(rules))('%s', (_name, rule) => {
    expect(rule(sources).join('\n')).toBe('');
  });
});

const planted: readonly (readonly [rule: string, file: string, text: string, at: string])[] = [
  ['every folder', 'src/things/one.ts', '', 'src/things/one.ts:1'],
  ['directions', 'src/lib/one.ts', `\nimport { x } from '../spec/index.ts';`, 'src/lib/one.ts:2 lib may not'],
  ['closer', 'src/world/one.ts', `import { x } from '../sandbox/index.ts';`, 'src/world/one.ts:1 only'],
  ['doors', 'test/one.test.ts', `await import('../src/kube/gate.ts');`, 'test/one.test.ts:1 imports'],
  ['doors', 'src/kube/one.ts', `export type { X } from '../lib/json.ts';`, 'src/kube/one.ts:1 imports'],
  ['doors', 'src/kube/one.ts', `import '../lib/testing/x.ts';`, 'src/kube/one.ts:1 imports'],
  ['no cycles between files', 'src/lib/a.ts', `import './a.ts';`, 'src/lib/a.ts -> src/lib/a.ts'],
  ['pure files', 'src/guard/one.ts', `import fs from 'node:fs';`, 'src/guard/one.ts:1 imports node:fs'],
  [
    'pure files',
    'src/deliver/plan/plan.ts',
    'const at = new Date();',
    'src/deliver/plan/plan.ts:1 uses new Date()',
  ],
  ['pure files', 'src/audit/one.ts', '// why\nf({ a: process });', 'src/audit/one.ts:2 uses process'],
  ['names of the outside', 'src/kube/one.ts', 'process.exit(1);', 'src/kube/one.ts:1 uses process.exit'],
  ['sizes of files', 'src/kube/one.ts', 'f();\n'.repeat(401), 'src/kube/one.ts:1 has 401'],
  [
    'sizes of functions',
    'src/kube/one.ts',
    `const f = () => {${'\ng();'.repeat(61)}\n};`,
    'src/kube/one.ts:1 an',
  ],
  ['names of files', 'src/kube/utils.ts', '', 'src/kube/utils.ts:1 is called utils'],
  ['names of files', 'src/kube/oneTwo.ts', '', 'src/kube/oneTwo.ts:1 is not kebab-case'],
  ['no any', 'src/kube/one.ts', 'const x = y as string;', 'src/kube/one.ts:1 uses as'],
  ['no any', 'test/one.test.ts', 'let x: any;', 'test/one.test.ts:1 uses any'],
  ['no any', 'src/kube/one.ts', 'export default 1;', 'src/kube/one.ts:1 uses export default'],
];

describe('the rules', () => {
  it.each(planted)('%s: find what is planted in %s', (name, file, text, at) => {
    const rule = Object.entries(rules).find(([title]) => title.startsWith(name))?.[1];
    expect(rule?.([readSource(file, text)])[0]).toContain(at);
  });

  it('find a cycle of two, and not what is imported lazily', () => {
    const pair = (text: string) => [
      readSource('src/lib/a.ts', `import './b.ts';`),
      readSource('src/lib/b.ts', text),
    ];
    const rule = rules['no cycles between files'];
    expect(rule?.(pair(`import './a.ts';`))).toHaveLength(1);
    expect(rule?.(pair(`await import('./a.ts');`))).toEqual([]);
  });

  it('find folders of a room that import each other, although no two files do', () => {
    const found = rules['no cycles between the folders of a room']?.([
      readSource('src/deliver/plan/a.ts', `import '../waves/b.ts';`),
      readSource('src/deliver/waves/b.ts', `import '../../lib/index.ts';`),
      readSource('src/deliver/waves/c.ts', `import '../plan/d.ts';`),
    ]);
    expect(found).toHaveLength(1);
    expect(found?.[0]).toContain('src/deliver/plan -> src/deliver/waves -> src/deliver/plan');
  });

  it('take a name for the global only where it is one', () => {
    const text = 'export interface X { process: string }\nconst y = { fetch: x.console, z: new Date(x) };';
    expect(readSource('src/guard/one.ts', text).uses).toEqual([]);
  });

  it('count neither blank lines nor comments', () => {
    const text = '/** Doc.\n * more */\n\nconst x = 1; // why\n/* a */ const y = 2;\n';
    expect(readSource('src/lib/one.ts', text).codeLines).toBe(2);
  });
});
