import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../objects/index.ts';
import { patchFor, smallestPatch } from './patch.ts';

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { hostNetwork: true, containers: [{ name: 'web' }] },
};
const container = ['spec', 'containers', 0, 'securityContext'];

describe('the smallest change', () => {
  it('removes, replaces and adds with what is missing above', () => {
    expect(patchFor(pod, { path: ['spec', 'hostNetwork'], actual: true, fix: null })).toEqual({
      op: 'remove',
      path: '/spec/hostNetwork',
    });
    expect(patchFor(pod, { path: ['spec', 'hostNetwork'], actual: true, fix: false })).toEqual({
      op: 'replace',
      path: '/spec/hostNetwork',
      value: false,
    });
    expect(
      patchFor(pod, { path: [...container, 'capabilities', 'drop'], actual: undefined, fix: ['ALL'] }),
    ).toEqual({
      op: 'add',
      path: '/spec/containers/0/securityContext',
      value: { capabilities: { drop: ['ALL'] } },
    });
  });

  it('is none where more than one value would be right', () => {
    expect(patchFor(pod, { path: ['spec', 'hostNetwork'], actual: true })).toBeUndefined();
  });

  it('puts together what is added at one place', () => {
    const places = [
      { path: [...container, 'runAsNonRoot'], actual: undefined, fix: true },
      { path: [...container, 'capabilities', 'drop'], actual: undefined, fix: ['ALL'] },
    ];
    expect(smallestPatch(pod, places)).toEqual([
      {
        op: 'add',
        path: '/spec/containers/0/securityContext',
        value: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
      },
    ]);
  });

  it('adds in the place of null, and nothing below a list or a text', () => {
    const path = [...container, 'privileged'];
    const podWith = (securityContext: unknown): KubeObject => ({
      ...pod,
      spec: { containers: [{ name: 'web', securityContext }] },
    });
    expect(patchFor(podWith(null), { path, actual: undefined, fix: false })).toEqual({
      op: 'add',
      path: '/spec/containers/0/securityContext',
      value: { privileged: false },
    });
    for (const wrong of [[], 'x'])
      expect(patchFor(podWith(wrong), { path, actual: undefined, fix: false })).toBeUndefined();
  });
});
