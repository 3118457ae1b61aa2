import { expect, it } from 'vitest';
import { labels } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import { heldText, type HeldSpace } from './guards-held.ts';

const space = (guard: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop-web', labels: { [labels.managed]: 'true', [labels.guard]: guard } },
});
const guard = (name: string, profile: string): KubeObject => ({
  apiVersion: 'toryo.dev/v1alpha1',
  kind: 'Guard',
  metadata: { name },
  spec: { profile, serviceAccounts: [], profiles: [], waivers: [], serviceTypes: [] },
});
const own = 'namespace.shop-web';
const base: HeldSpace = {
  kept: space(own),
  live: space(own),
  isBack: true,
  guards: [guard(own, 'strict')],
  before: [guard(own, 'web')],
};
const rollback = /^profile strict still holds Namespace\/shop-web, .*`toryo wave rollback Tenant\/platform`$/;
const commit = /^profile strict still holds Namespace\/shop-web, .*: commit it, then `toryo apply`$/;
const shared = { kept: space('profile.web'), before: [guard('profile.web', 'web')] };

it.each<[string, Partial<HeldSpace>, RegExp]>([
  ['its own Guard changed', {}, rollback],
  ['its own Guard changed, before it goes', { isBack: false }, rollback],
  ['the Guard of before was deleted', shared, rollback],
  ['the Guard of before was deleted, before it goes', { ...shared, isBack: false }, rollback],
  ['the Guard of before is deleted and not kept', { ...shared, before: [] }, commit],
])('what still holds a namespace that goes back is said: %s', (_what, more, text) => {
  expect(heldText({ ...base, ...more })).toMatch(text);
});

const both = [guard('profile.web', 'web'), guard(own, 'strict')];
it.each<[string, Partial<HeldSpace>]>([
  ['Tenant/platform is back', { guards: [guard(own, 'web')], before: [] }],
  ['the Guard of before is the same', { guards: [guard(own, 'web')] }],
  ['the Guard of before is there, and will be named again', { ...shared, guards: both, isBack: false }],
  ['no Guard is there: all is refused, which plans tell', { guards: [] }],
])('nothing is said: %s', (_what, more) => {
  expect(heldText({ ...base, ...more })).toBeUndefined();
});
