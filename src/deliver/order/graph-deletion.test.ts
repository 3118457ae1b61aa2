import { describe, expect, it } from 'vitest';
import { titleOf } from '../../objects/index.ts';
import { deletionOrder } from './graph-deletion.ts';
import type { Charge } from './graph.ts';
import {
  boat,
  by,
  circle,
  configMap,
  definition,
  deployment,
  object,
  secret,
  service,
  uses,
  web,
  webhook,
} from '../testing/charges.ts';

describe('deletions', () => {
  const titles = (charges: readonly Charge[]): readonly (readonly string[])[] =>
    deletionOrder(charges).map((layer) => layer.map(titleOf).sort());

  it.each<[string, readonly Charge[], readonly (readonly string[])[]]>([
    ['of nothing', [], []],
    [
      'take what refers before what it refers to',
      by(web, secret('db'), deployment('web', uses('db')), configMap('a')),
      [['ConfigMap/shop/a', 'Deployment/shop/web'], ['Secret/shop/db']],
    ],
    [
      'take webhooks first and namespaces last',
      by(web, object('v1', 'Namespace/other'), configMap('a'), webhook('w')),
      [['ValidatingWebhookConfiguration/w'], ['ConfigMap/shop/a'], ['Namespace/other']],
    ],
    [
      'take instances before their definition and before the operator that cleans up after them',
      by(web, definition(), deployment('operator'), boat(), service('operator')),
      [
        ['Boat/shop/boat'],
        ['CustomResourceDefinition/boats.example.com'],
        ['Deployment/shop/operator', 'Service/shop/operator'],
      ],
    ],
    ['of a circle come to an end', by(web, ...circle), [['Secret/shop/token'], ['ServiceAccount/shop/web']]],
    [
      'of tenants come after their Apps',
      [...by(web, configMap('a')), ...by('Tenant/shop', object('v1', 'ResourceQuota/shop/q'))],
      [['ConfigMap/shop/a'], ['ResourceQuota/shop/q']],
    ],
  ])('%s', (_about, charges, wanted) => {
    expect(titles(charges)).toEqual(wanted);
  });
});
