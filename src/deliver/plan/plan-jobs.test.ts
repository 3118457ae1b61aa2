import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../objects/index.ts';
import { listed, ours, planned, type Scene } from '../testing/scene.ts';

const passing: KubeObject = { ...ours('migrate', 'Job'), spec: { ttlSecondsAfterFinished: 0 } };
const lasting = ours('migrate', 'Job');
const digest = 'd';

// The bundle's digest of the owner in every scene is d.
const actionOf = (scene: Scene): string | undefined => planned(scene).changes[0]?.action;

describe('a Job that is not there any more', () => {
  it.each([
    ['removed itself and its owner is as it was', passing, { ...listed([passing]), digest }, 'unchanged'],
    ['removed itself and its owner has changed', passing, { ...listed([passing]), digest: 'd-0' }, 'create'],
    ['was never written', passing, { ...listed([passing], ''), digest }, 'create'],
    ['is not of the kind that removes itself', lasting, { ...listed([lasting]), digest }, 'create'],
    ['is not listed at all', passing, { ...listed([]), digest }, 'create'],
  ] as const)('%s', (_name, wanted, inventory, action) => {
    expect(actionOf({ wanted: [wanted], inventory })).toBe(action);
  });
});
