import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { keyOf, ownerFrom, refOf, type KubeObject } from '../../objects/index.ts';
import { deletionOrder } from '../order/graph-deletion.ts';
import { graphOf, type Charge } from '../order/graph.ts';
import {
  by,
  configMap,
  deployment,
  object,
  secret,
  service,
  uses,
  wantedIn,
  web,
  webhook,
  writtenInOrder,
} from '../testing/charges.ts';
import { Queue } from './writing-queue.ts';

describe('among what may be written the lower tier goes first', () => {
  it.each([
    [
      'as far as references let it',
      [deployment('a'), webhook('b'), configMap('c'), object('v1', 'Namespace/z')],
    ],
    [
      'whatever the order they come in',
      [object('v1', 'Namespace/z'), configMap('c'), webhook('b'), deployment('a')],
    ],
  ])('%s', (_about, objects) => {
    expect(writtenInOrder(graphOf(by(web, ...objects)))).toEqual([
      'Namespace/z',
      'ConfigMap/shop/c',
      'Deployment/shop/a',
      'ValidatingWebhookConfiguration/b',
    ]);
  });
});

describe('a failure', () => {
  const charges = [
    ...by(web, deployment('web', uses('db')), secret('db'), configMap('other')),
    ...by(
      web,
      object('autoscaling/v2', 'HorizontalPodAutoscaler/shop/h', {
        spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' } },
      }),
    ),
    ...by('App/shop/late', configMap('late')),
  ];
  const graph = graphOf(charges, new Map([['App/shop/late', [web]]]));
  const fail = (title: string, how: (queue: Queue, key: string) => void): readonly (readonly string[])[] => {
    const queue = new Queue(graph, wantedIn(graph));
    const written: string[] = [];
    for (let key = queue.take(); key !== undefined; key = queue.take()) {
      const is = graph.nodes.get(key)?.title ?? '';
      if (is === title) how(queue, key);
      else {
        written.push(is);
        queue.stored(key);
      }
      for (const awaited of queue.takeAwaited())
        if (graph.nodes.get(awaited)?.title !== title) queue.ready(awaited);
    }
    return [written, ...queue.held.map((one) => [graph.nodes.get(one.key)?.title ?? '', one.why])];
  };

  it('to write holds what depends on it, and lets the rest go on', () => {
    expect(fail('Secret/shop/db', (queue, key) => queue.failed(key))).toEqual([
      ['ConfigMap/shop/other'],
      ['Deployment/shop/web', 'waits for Secret/shop/db (env DB), which failed'],
      [
        'HorizontalPodAutoscaler/shop/h',
        'waits for Deployment/shop/web (scaleTargetRef), which was not written',
      ],
      [
        'ConfigMap/shop/late',
        'waits for App/shop/web (needs): HorizontalPodAutoscaler/shop/h was not written',
      ],
    ]);
  });

  it('to become healthy holds only what waits for that', () => {
    const told = fail('Deployment/shop/web', (queue, key) => {
      queue.stored(key);
      queue.unready(key, { state: 'progressing', why: '0 of 1 pods are available' });
    });
    expect(told).toEqual([
      ['ConfigMap/shop/other', 'Secret/shop/db', 'HorizontalPodAutoscaler/shop/h'],
      [
        'ConfigMap/shop/late',
        'waits for App/shop/web (needs): Deployment/shop/web is not ready (0 of 1 pods are available)',
      ],
    ]);
  });

  it('of what an object can do without does not hold it', () => {
    const account = object('v1', 'ServiceAccount/shop/web', { secrets: [{ name: 'db' }] });
    const queue = new Queue(
      graphOf(by(web, account, secret('db'))),
      new Set(['/Secret/shop/db', '/ServiceAccount/shop/web']),
    );
    expect(queue.take()).toBe('/Secret/shop/db');
    queue.failed('/Secret/shop/db');
    expect(queue.take()).toBe('/ServiceAccount/shop/web');
  });
});

describe('whatever refers to whatever', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const some = fc.subarray(names);
  // Accounts and tokens refer to each other both ways, so that circles are common.
  const account = fc
    .tuple(fc.constantFrom(...names), some)
    .map(([name, secrets]) =>
      object('v1', `ServiceAccount/shop/${name}`, { secrets: secrets.map((one) => ({ name: one })) }),
    );
  const token = fc
    .tuple(fc.constantFrom(...names), fc.constantFrom(...names))
    .map(([name, of]): KubeObject => ({
      ...object('v1', `Secret/shop/${name}`, { type: 'kubernetes.io/service-account-token' }),
      metadata: { namespace: 'shop', name, annotations: { 'kubernetes.io/service-account.name': of } },
    }));
  const pods = fc
    .tuple(fc.constantFrom(...names), some, fc.constantFrom(...names))
    .map(([name, secrets, serviceAccountName]) =>
      deployment(name, { ...uses(...secrets), serviceAccountName }),
    );
  const hooks = fc.constantFrom(...names).chain((name) => fc.constantFrom(webhook(name), service(name)));
  const owners = ['Tenant/shop', web, 'App/shop/db', 'Addon/x'];
  const charges = fc
    .uniqueArray(fc.oneof(account, token, pods, hooks), {
      selector: (one) => keyOf(refOf(one)),
      maxLength: 25,
    })
    .chain((objects) =>
      fc
        .array(fc.constantFrom(...owners), { minLength: objects.length, maxLength: objects.length })
        .map((by) => objects.map((one, index): Charge => ({ object: one, owner: ownerFrom(by[index]!)! }))),
    );
  const needs = fc.tuple(fc.subarray(['App/shop/db', 'Addon/x']), fc.subarray(['Addon/x', web])).map(
    ([first, second]) =>
      new Map([
        [web, first],
        ['App/shop/db', second],
      ]),
  );

  it('all is written, each after what it waits for, in any order in which writes are done', () => {
    fc.assert(
      fc.property(charges, needs, fc.infiniteStream(fc.nat(1000)), (all, need, random) => {
        const graph = graphOf(all, need);
        const queue = new Queue(graph, wantedIn(graph));
        const [writing, stored, ready, asked]: [string[], Set<string>, Set<string>, string[]] = [
          [],
          new Set(),
          new Set(),
          [],
        ];
        const isThere = (key: string, tie: 'exists' | 'ready'): boolean => {
          const node = graph.nodes.get(key)!;
          if (node.tier === undefined) return node.edges.every((edge) => isThere(edge.to, edge.tie));
          return (tie === 'ready' ? ready : stored).has(key);
        };
        const pick = (list: string[]): string => list.splice(random.next().value! % list.length, 1)[0]!;
        for (;;) {
          for (let key = queue.take(); key !== undefined; key = queue.take()) {
            expect(graph.nodes.get(key)!.edges.filter((edge) => !isThere(edge.to, edge.tie))).toEqual([]);
            writing.push(key);
          }
          asked.push(...queue.takeAwaited());
          const isWrite = writing.length > 0 && (asked.length === 0 || random.next().value! % 2 === 0);
          if (!isWrite && asked.length === 0) break;
          const key = pick(isWrite ? writing : asked);
          (isWrite ? stored : ready).add(key);
          if (isWrite) queue.stored(key);
          else queue.ready(key);
        }
        expect(stored).toEqual(wantedIn(graph));
      }),
    );
  });

  it('is the same whatever the order in which it is written down', () => {
    fc.assert(
      fc.property(charges, needs, (all, need) => {
        const [one, other] = [graphOf(all, need), graphOf(all.toReversed(), need)];
        expect(writtenInOrder(one)).toEqual(writtenInOrder(other));
        expect(one.notes).toEqual(other.notes);
      }),
    );
  });

  it('all is deleted, once', () => {
    fc.assert(
      fc.property(charges, (all) => {
        const keys = deletionOrder(all).flat().map(keyOf).sort();
        expect(keys).toEqual(all.map((one) => keyOf(refOf(one.object))).sort());
      }),
    );
  });
});
