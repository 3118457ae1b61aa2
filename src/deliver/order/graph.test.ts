import { describe, expect, it } from 'vitest';
import { graphOf, type Charge, type Graph } from './graph.ts';
import {
  boat,
  by,
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

const keyOfTitle = (graph: Graph, title: string): string =>
  [...graph.nodes].find(([, node]) => node.title === title)?.[0] ?? '';
const whyOf = (graph: Graph, title: string): string | undefined => graph.why(keyOfTitle(graph, title));

describe('an object', () => {
  it.each<[string, readonly Charge[], string, string | undefined]>([
    [
      'waits for a Secret',
      by(web, deployment('web', uses('db')), secret('db')),
      'Deployment/shop/web',
      'waits for Secret/shop/db (env DB)',
    ],
    [
      'waits for nothing that is not here',
      by(web, deployment('web', uses('db'))),
      'Deployment/shop/web',
      undefined,
    ],
    [
      'says what counts',
      by(
        web,
        deployment('web', uses('a', 'b', 'c')),
        ...['a', 'b', 'c'].map(secret),
        object('v1', 'Namespace/shop'),
      ),
      'Deployment/shop/web',
      'waits for Secret/shop/a (env A), Secret/shop/b (env B), Secret/shop/c (env C) and 1 more',
    ],
    [
      'waits for the rules of its namespace',
      by(web, deployment('web'), object('networking.k8s.io/v1', 'NetworkPolicy/shop/all')),
      'Deployment/shop/web',
      'waits for NetworkPolicy of shop (isolation)',
    ],
    [
      'not for those of another',
      by(web, deployment('web'), object('networking.k8s.io/v1', 'NetworkPolicy/other/all')),
      'Deployment/shop/web',
      undefined,
    ],
    [
      'that calls pods waits for them',
      by(web, webhook('hook'), service('hook'), deployment('hook')),
      'ValidatingWebhookConfiguration/hook',
      'waits for Deployment/shop/hook (pods behind Service/shop/hook), Service/shop/hook (webhook hook.example.com)',
    ],
    [
      'of a custom kind waits for its definition, not for the operator',
      by(web, boat(), definition(), deployment('operator')),
      'Boat/shop/boat',
      'waits for CustomResourceDefinition/boats.example.com (Boat of example.com)',
    ],
    [
      'of a custom kind waits for the operator whose webhook judges it',
      by(web, boat(), definition(), webhook('hook', 'example.com'), service('hook'), deployment('hook')),
      'Boat/shop/boat',
      'waits for ValidatingWebhookConfiguration/hook (its webhook), CustomResourceDefinition/boats.example.com (Boat of example.com), Deployment/shop/hook (pods behind Service/shop/hook)',
    ],
    [
      'not for a webhook of somebody else',
      [
        ...by(web, boat(), definition()),
        ...by('Addon/guard', webhook('hook', '*'), service('hook'), deployment('hook')),
      ],
      'Boat/shop/boat',
      'waits for CustomResourceDefinition/boats.example.com (Boat of example.com)',
    ],
    ...(['v1', 'v0'] as const).map((version): [string, readonly Charge[], string, string] => [
      `in version ${version} waits for what converts it, where it does`,
      by(
        web,
        boat(version),
        definition({
          conversion: {
            strategy: 'Webhook',
            webhook: { clientConfig: { service: { namespace: 'shop', name: 'hook' } } },
          },
        }),
        service('hook'),
        deployment('hook'),
      ),
      'Boat/shop/boat',
      `waits for CustomResourceDefinition/boats.example.com (Boat of example.com)${version === 'v1' ? '' : ', Deployment/shop/hook (pods behind Service/shop/hook)'}`,
    ]),
    [
      'of an App waits for all Tenants',
      [...by(web, configMap('a')), ...by('Tenant/shop', object('v1', 'ConfigMap/other/rights'))],
      'ConfigMap/shop/a',
      'waits for all Tenants (rights and isolation)',
    ],
  ])('%s', (_what, charges, title, wanted) => {
    expect(whyOf(graphOf(charges), title)).toBe(wanted);
  });

  it('waits for what its owner needs, and says so', () => {
    const charges = [...by(web, configMap('a')), ...by('App/shop/db', configMap('b'))];
    const graph = graphOf(charges, new Map([[web, ['App/shop/db', 'Addon/none']]]));
    expect(whyOf(graph, 'ConfigMap/shop/a')).toBe('waits for App/shop/db (needs)');
    expect(whyOf(graph, 'ConfigMap/shop/b')).toBeUndefined();
  });
});
