import { defineConfig, type OxlintOverride } from 'oxlint';
import { allowedFrom, rooms, sizes } from './architecture.ts';

/** Each room may import only what architecture.ts lets it; test/architecture.test.ts checks doors and cycles too. */
const directions = Object.keys(rooms)
  .filter((room) => room !== 'toryo')
  .map((room): OxlintOverride => {
    const allowed = allowedFrom(room);
    const banned = Object.keys(rooms).filter((other) => other !== room && !allowed.has(other));
    return {
      files: [`src/${room}/**/*.ts`],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: banned.map((other) => ({
              group: [`**/${other}/index.ts`, `**/${other}.ts`],
              message: `${room} may not import ${other}: see architecture.ts`,
            })),
          },
        ],
      },
    };
  });

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'oxc', 'promise'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true },
  env: { node: true, es2024: true },
  ignorePatterns: ['dist/**', 'node_modules/**', 'assets/**', 'test/golden/**'],
  rules: {
    complexity: ['error', { max: 10, variant: 'modified' }],
    'max-depth': ['error', 3],
    'max-params': ['error', 4],
    'max-lines': ['error', { max: sizes.file, skipBlankLines: true, skipComments: true }],
    'max-lines-per-function': [
      'error',
      { max: sizes.functionLines, skipBlankLines: true, skipComments: true },
    ],
    'import/no-default-export': 'error',
    'import/no-cycle': 'error',
    'import/no-unassigned-import': 'off',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
    'typescript/consistent-type-imports': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'no-console': 'error',
    'no-restricted-globals': ['error', 'alert'],
    // A wait, a retry or an ordered write is sequential on purpose.
    'no-await-in-loop': 'off',
    'no-template-curly-in-string': 'off',
    'no-shadow': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'oxc/no-map-spread': 'off',
    'oxc/no-accumulating-spread': 'error',
  },
  overrides: [
    ...directions,
    {
      files: ['**/*.test.ts', 'test/**', 'src/**/testing/**'],
      rules: {
        'typescript/consistent-type-assertions': 'off',
        'typescript/no-unsafe-type-assertion': 'off',
        'typescript/no-non-null-assertion': 'off',
        // A row of `it.each` has as many columns as it needs.
        'max-params': 'off',
        'max-lines': ['error', { max: sizes.test, skipBlankLines: true, skipComments: true }],
        'max-lines-per-function': 'off',
      },
    },
    {
      files: ['*.config.ts', 'oxlint.config.ts'],
      rules: { 'import/no-default-export': 'off', 'typescript/consistent-type-assertions': 'off' },
    },
    // What writes to a terminal writes its control characters.
    {
      files: ['scripts/**', 'bench/**', 'src/cli/**'],
      rules: { 'no-console': 'off', 'no-control-regex': 'off' },
    },
    { files: ['src/lib/text/**', 'catalog/**'], rules: { 'max-lines': 'off' } },
  ],
});
