import { afterAll, describe, expect, it } from 'vitest';
import { hints, removeFleets, type FleetBuilder } from './fleet.ts';

/** A fleet with a mistake, and what a user is told. */
export interface MistakeCase {
  readonly name: string;
  readonly fleet: () => FleetBuilder;
  /** Code, place and sentence of every error, in reading order. */
  readonly says: readonly string[];
  /** What to do next, each once. */
  readonly hints: readonly string[];
}

/** One test per case: exactly these errors are told, and no fleet comes out. */
export function describeMistakes(title: string, cases: readonly MistakeCase[]): void {
  afterAll(removeFleets);
  describe(title, () => {
    it.each(cases)('$name', async ({ fleet, says, hints: next }) => {
      const written = fleet();
      expect(await written.mistakes()).toEqual(says);
      const { value, diagnostics } = await written.load();
      expect(value).toBeUndefined();
      const errors = diagnostics.filter((one) => one.severity === 'error');
      expect([...new Set(hints(errors))]).toEqual(next);
    });
  });
}
