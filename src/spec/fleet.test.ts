import { afterAll, expect, it } from 'vitest';
import { aFleet, removeFleets } from './testing/fleet.ts';
afterAll(removeFleets);
it('a', async () => {
  expect(await aFleet().mistakes()).toEqual([]);
});
