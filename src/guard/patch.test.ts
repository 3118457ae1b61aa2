import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../objects/index.ts';
import { smallestChange, type Change } from './patch.ts';
import { unknownVerdict, type Verdict } from './verdict.ts';
import type { Place } from './violation.ts';

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { hostNetwork: true, containers: [{ name: 'web' }] },
};
const container = ['spec', 'containers', 0, 'securityContext'];

/** A verdict that one rule is broken at these places. */
const refused = (...places: readonly Place[]): Verdict => ({
  ...unknownVerdict(),
  outcome: 'refused',
  violations: [{ rule: 'TRY-SEC-010', sentence: 'broken', field: '', places, decided: [], waivers: [] }],
});

/** The change for places that are all right once something was changed. */
function changeOf(object: KubeObject, ...places: readonly Place[]): Change {
  return smallestChange(object, refused(...places), () => unknownVerdict());
}

const stepsOf = (object: KubeObject, ...places: readonly Place[]) => changeOf(object, ...places).steps;

describe('the smallest change', () => {
  it('removes, replaces and adds with what is missing above', () => {
    const path = ['spec', 'hostNetwork'];
    expect(stepsOf(pod, { path, actual: true, fix: null })).toEqual([
      { op: 'remove', path: '/spec/hostNetwork' },
    ]);
    expect(stepsOf(pod, { path, actual: true, fix: false })).toEqual([
      { op: 'replace', path: '/spec/hostNetwork', value: false },
    ]);
    const drop = { path: [...container, 'capabilities', 'drop'], actual: undefined, fix: ['ALL'] };
    expect(stepsOf(pod, drop)).toEqual([
      {
        op: 'add',
        path: '/spec/containers/0/securityContext',
        value: { capabilities: { drop: ['ALL'] } },
      },
    ]);
  });

  it('is none where more than one value would be right', () => {
    expect(changeOf(pod, { path: ['spec', 'hostNetwork'], actual: true })).toEqual({
      steps: [],
      mends: 0,
      of: 1,
      left: ['broken'],
    });
  });

  it('puts together what is added at one place', () => {
    const places = [
      { path: [...container, 'runAsNonRoot'], actual: undefined, fix: true },
      { path: [...container, 'capabilities', 'drop'], actual: undefined, fix: ['ALL'] },
    ];
    expect(stepsOf(pod, ...places)).toEqual([
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
    expect(stepsOf(podWith(null), { path, actual: undefined, fix: false })).toEqual([
      { op: 'add', path: '/spec/containers/0/securityContext', value: { privileged: false } },
    ]);
    for (const wrong of [[], 'x'])
      expect(stepsOf(podWith(wrong), { path, actual: undefined, fix: false })).toEqual([]);
  });

  it('takes items of a list away from its end', () => {
    const list = ['spec', 'securityContext', 'sysctls'];
    const sysctls = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
    const object: KubeObject = { ...pod, spec: { securityContext: { sysctls } } };
    let left: unknown;
    const before = refused(...[0, 1].map((index) => ({ path: [...list, index], actual: {}, fix: null })));
    const change = smallestChange(object, before, (one) => {
      left = one['spec'];
      return unknownVerdict();
    });
    expect(change.steps.map(({ path }) => path)).toEqual([
      '/spec/securityContext/sysctls/1',
      '/spec/securityContext/sysctls/0',
    ]);
    expect(left).toEqual({ securityContext: { sysctls: [{ name: 'c' }] } });
  });
});
