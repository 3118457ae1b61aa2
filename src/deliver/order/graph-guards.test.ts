import { describe, expect, it } from 'vitest';
import { guardObjects, type GuardSpec } from '../../guard/index.ts';
import { keyOf, refOf, titleOf, type KubeObject } from '../../objects/index.ts';
import { deletionOrder } from './graph-deletion.ts';
import { graphOf, type Charge } from './graph.ts';
import { by, configMap, deployment, object, service, web } from '../testing/charges.ts';
import { Queue } from '../writing/writing-queue.ts';

const spec: GuardSpec = {
  profile: 'strict',
  serviceAccounts: [],
  profiles: [],
  waivers: [],
  serviceTypes: [],
};
const guards = guardObjects({
  enforced: [{ name: 'profile.strict', spec }],
  tried: [],
  fallback: spec,
  version: '1.35',
});
const namespace = (labels: Readonly<Record<string, string>>): KubeObject => ({
  ...object('v1', 'Namespace/shop'),
  metadata: { name: 'shop', labels: { 'toryo.dev/managed': 'true', ...labels } },
});
const guarded = namespace({ 'toryo.dev/guard': 'profile.strict' });
const charges = (space: KubeObject = guarded): readonly Charge[] => [
  ...by('Tenant/platform', ...guards),
  ...by('Tenant/shop', space),
  ...by(web, deployment('web'), service('web'), configMap('a')),
];
const keyFor = (title: string): string =>
  [...charges()]
    .map(({ object: one }) => refOf(one))
    .map((ref) => [titleOf(ref), keyOf(ref)] as const)
    .find(([known]) => known === title)?.[1] ?? '';

/** Titles in the order of writing; what is asked about is answered as `isActive` says. */
function written(all: readonly Charge[], isActive: boolean): readonly string[] {
  const graph = graphOf(all);
  const titles = new Map(all.map(({ object: one }) => [keyOf(refOf(one)), titleOf(refOf(one))]));
  const queue = new Queue(graph, new Set(titles.keys()));
  const order: string[] = [];
  for (;;) {
    for (const key of queue.takeAwaited()) {
      if (isActive || titles.has(key)) queue.ready(key);
      else queue.unready(key, { state: 'progressing', why: 'the policies are not active' });
    }
    const key = queue.take();
    if (key === undefined) return order;
    order.push(titles.get(key) ?? key);
    queue.stored(key);
  }
}

const place = (order: readonly string[], part: string): readonly number[] =>
  order.flatMap((title, index) => (title.startsWith(part) ? [index] : []));
const first = (order: readonly string[], part: string): number => Math.min(...place(order, part));
const last = (order: readonly string[], part: string): number => Math.max(...place(order, part));

describe('guards', () => {
  const order = written(charges(), true);

  it('are written in the order in which they need each other, the probe last', () => {
    const definition = last(order, 'CustomResourceDefinition');
    expect(definition).toBeLessThan(first(order, 'Guard/'));
    expect(last(order, 'Guard/profile.strict')).toBeLessThan(
      first(order, 'ValidatingAdmissionPolicyBinding/toryo-pod-host.profile.strict'),
    );
    expect(last(order, 'ValidatingAdmissionPolicyBinding/toryo-pod')).toBeLessThan(
      first(order, 'Guard/probe'),
    );
    expect(last(order, 'ValidatingAdmissionPolicyBinding/toryo-services')).toBeLessThan(
      first(order, 'ValidatingAdmissionPolicyBinding/toryo-probe'),
    );
  });

  it('are there before a namespace names them, and before pods and Services', () => {
    expect(last(order, 'ValidatingAdmissionPolicyBinding/toryo-pod-host.profile.strict')).toBeLessThan(
      first(order, 'Namespace/shop'),
    );
    const probe = last(order, 'ValidatingAdmissionPolicyBinding/toryo-probe');
    expect(probe).toBeLessThan(first(order, 'Deployment/'));
    expect(probe).toBeLessThan(first(order, 'Service/'));
  });

  it('hold pods and Services while they are not active, and nothing else', () => {
    const blocked = written(charges(), false);
    expect(place(blocked, 'Deployment/')).toEqual([]);
    expect(place(blocked, 'Service/')).toEqual([]);
    expect(place(blocked, 'ConfigMap/')).toHaveLength(1);
  });

  it('are not waited for in a namespace that names none', () => {
    expect(place(written(charges(namespace({})), false), 'Deployment/')).toHaveLength(1);
  });

  it('are no reason to wait where none is written', () => {
    expect(
      graphOf(by(web, deployment('web')), new Map(), () => true).why(keyFor('Deployment/shop/web')),
    ).toBeUndefined();
  });

  it('say why something waits', () => {
    expect(graphOf(charges()).why(keyFor('Deployment/shop/web'))).toContain(
      'the guard of its namespace (policies)',
    );
  });
});

describe('deletions of guards', () => {
  it('take workloads, then bindings, then policies and Guards, then their kind', () => {
    const layers = deletionOrder(charges()).map((layer) => layer.map(titleOf));
    const layerOf = (part: string, pick: (numbers: readonly number[]) => number): number =>
      pick(layers.flatMap((layer, index) => (layer.some((title) => title.startsWith(part)) ? [index] : [])));
    const least = (numbers: readonly number[]): number => Math.min(...numbers);
    const most = (numbers: readonly number[]): number => Math.max(...numbers);
    expect(layerOf('Deployment/', most)).toBeLessThan(layerOf('ValidatingAdmissionPolicyBinding/', least));
    for (const later of ['ValidatingAdmissionPolicy/toryo-pod', 'Guard/profile', 'Guard/unknown'])
      expect(layerOf('ValidatingAdmissionPolicyBinding/toryo-pod', most)).toBeLessThan(layerOf(later, least));
    expect(layerOf('Guard/', most)).toBeLessThan(layerOf('CustomResourceDefinition/', least));
  });
});
