import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../objects/index.ts';
import { claimsOf, inheritedFrom, settleLeft } from './contest.ts';
import type { OwnershipRule } from './ownership-decide.ts';

const time = '2026-01-31T10:32:00Z';
const entry = (manager: string, fieldsV1: object, more: object = {}): object => ({
  manager,
  operation: 'Update',
  apiVersion: 'apps/v1',
  time,
  fieldsV1,
  ...more,
});
const workload = (cpu: string, memory: string, managedFields: readonly object[] = []): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', managedFields },
  spec: {
    template: {
      spec: { containers: [{ name: 'web', image: 'web:1', resources: { requests: { cpu, memory } } }] },
    },
  },
});
const container = (fields: object): object => ({
  'f:spec': {
    'f:template': {
      'f:spec': { 'f:containers': { '.': {}, 'k:{"name":"web"}': { '.': {}, 'f:name': {}, ...fields } } },
    },
  },
});
const requests = { 'f:resources': { '.': {}, 'f:requests': { '.': {}, 'f:cpu': {}, 'f:memory': {} } } };
const recommender = entry('vpa-recommender', container(requests));
const by = (rules: readonly OwnershipRule[]) => ({ rules, fieldManager: 'toryo-acme' });
const path = 'spec.template.spec.containers[web].resources.requests.cpu';

describe('what is left to others', () => {
  it('is just the fields that they have and that are wanted to be something else', () => {
    const live = workload('2', '1Gi', [recommender]);
    const { object, left } = settleLeft(workload('1', '1Gi'), live, by([]));
    expect(left).toEqual([{ path, manager: 'vpa-recommender', time, value: '2', wanted: '1' }]);
    expect(object['spec']).toEqual({
      template: {
        spec: { containers: [{ name: 'web', image: 'web:1', resources: { requests: { memory: '1Gi' } } }] },
      },
    });
  });

  it('is nothing when nobody may keep it', () => {
    const wanted = workload('1', '1Gi');
    const live = workload('2', '1Gi', [entry('kubectl-edit', container(requests))]);
    expect(settleLeft(wanted, live, by([]))).toEqual({ object: wanted, left: [] });
    const taking = [{ managers: ['vpa-*'], decide: 'take' }] as const;
    expect(settleLeft(wanted, workload('2', '1Gi', [recommender]), by(taking)).object).toEqual(wanted);
  });
});

it('what Toryo wrote itself is not left to it, whoever else may keep what they have', () => {
  const live = workload('2', '1Gi', [entry('toryo-acme', container(requests), { operation: 'Apply' })]);
  const wanted = workload('1', '1Gi');
  expect(settleLeft(wanted, live, by([{ managers: ['*'], decide: 'leave' }]))).toEqual({
    object: wanted,
    left: [],
  });
});

describe('a claim', () => {
  const conflict = { field: '.spec.template.spec.containers[name="web"].resources.requests.cpu' };

  it('has the time that the server says, or that of the manager', () => {
    const live = workload('2', '1Gi', [entry('alice', container(requests), { operation: 'Apply' })]);
    const claims = claimsOf(
      [
        { ...conflict, manager: 'alice' },
        { ...conflict, manager: 'kubectl-edit', time: '2026-02-01T00:00:00Z' },
        { field: '.spec.unheard.of', manager: 'bob' },
      ],
      workload('1', '1Gi'),
      live,
    );
    expect(claims).toMatchObject([
      { path, manager: 'alice', time, value: '2', wanted: '1' },
      { manager: 'kubectl-edit', time: '2026-02-01T00:00:00Z' },
      { path: 'spec.unheard.of', manager: 'bob', value: undefined },
    ]);
  });

  it('does not show the value of a Secret', () => {
    const secret = (value: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      data: { 'tls.key': value },
    });
    const [claim] = claimsOf(
      [{ field: '.data.tls.key', manager: 'alice' }],
      secret('b3Vycw=='),
      secret('eA=='),
    );
    expect(claim).toEqual({
      path: 'data["tls.key"]',
      manager: 'alice',
      value: '(hidden)',
      wanted: '(hidden)',
    });
  });
});

it('what people and Helm wrote is inherited, whatever scaled it is not', () => {
  const live = workload('1', '1Gi', [
    entry('helm', {}),
    entry('kubectl', {}, { subresource: 'scale' }),
    entry('argocd-controller', {}),
    recommender,
  ]);
  expect([...inheritedFrom(live, [])]).toEqual(['helm']);
});
