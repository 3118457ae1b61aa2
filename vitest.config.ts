import { defineConfig } from 'vitest/config';

const tests = ['src/**/*.test.ts', 'test/**/*.test.ts'];
const real = ['src/sandbox/**/*.test.ts', 'test/contract/**/*.test.ts', 'test/e2e/**/*.test.ts'];

/**
 * `unit` first, for an early answer; then `real`, whose tests start control planes and want the machine for themselves.
 * They wait a lot: a third worker takes a fifth of the time on two cores.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: tests,
          exclude: real,
          globalSetup: ['test/setup.ts'],
          sequence: { groupOrder: 0 },
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: real,
          globalSetup: ['test/setup.ts'],
          sequence: { groupOrder: 1 },
          maxWorkers: 3,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
