import { expect, it } from 'vitest';
import { sandboxVersions } from '../src/sandbox/index.ts';
import { sandboxMinors } from '../src/spec/index.ts';

it('check knows the versions that a sandbox serves', () => {
  expect(sandboxMinors).toEqual([...sandboxVersions]);
});
