/** The rooms of src/ and what each may import besides itself; read by test/architecture.test.ts. Everything below an import is included. */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  assets: ['lib'],
  git: ['lib'],
  objects: ['lib'],
  catalog: ['objects'],
  spec: ['objects'],
  cel: ['objects'],
  design: ['spec', 'catalog'],
  guard: ['spec', 'cel'],
  render: ['spec', 'catalog', 'assets'],
  compile: ['design', 'guard'],
  kube: ['objects'],
  aws: ['lib'],
  sandbox: ['kube', 'aws', 'catalog', 'assets'],
  provider: ['compile', 'kube', 'aws', 'sandbox'],
  world: ['compile', 'provider'],
  deliver: ['world'],
  upgrade: ['deliver'],
  audit: ['world'],
  toryo: ['render', 'upgrade', 'audit', 'git'],
  server: ['toryo'],
  cli: ['server'],
};

/** All that a room may import: what is named after it in the map, and everything below that. */
export function allowedFrom(room: string): ReadonlySet<string> {
  const next = rooms[room] ?? [];
  return new Set([...next, ...next.flatMap((other) => [...allowedFrom(other)])]);
}

/** Rooms that only the named ones may import, although the map above would let more. */
export const closer: Readonly<Record<string, readonly string[]>> = {
  aws: ['provider', 'render', 'sandbox', 'cli'],
  sandbox: ['provider', 'cli'],
  git: ['toryo', 'cli'],
};

/** Rooms, and file names in any room, that touch nothing outside: no node:*, clock, randomness or environment. */
export const pure: readonly RegExp[] = [
  /^src\/(objects|cel|design|guard|compile|audit)\//,
  /^src\/[a-z]+\/((?!commands)[a-z]+\/)?([a-z-]+-)?(plan|decide)\.ts$/,
];

/** Code lines (blank and comment lines not counted). */
export const sizes = { file: 400, test: 300, functionLines: 60 } as const;

/** Files without a limit of size: tables of texts and what a program wrote. */
export const exempt: readonly RegExp[] = [/^src\/lib\/text\//];

/** Where in src a name of the outside world may stand; elsewhere a value is returned or an error thrown. */
export const onlyIn: Readonly<Record<string, readonly RegExp[]>> = {
  'process.stdout': [/^src\/cli\//],
  // The second is a program of its own: what a fleet leaves running must not keep it alive.
  'process.exit': [/^src\/cli\//, /^src\/spec\/evaluation-child\.ts$/],
};

/** File names that say nothing about what is inside. */
export const bannedNames: readonly string[] = [
  'utils',
  'helpers',
  'common',
  'misc',
  'types',
  'manager',
  'service',
];
