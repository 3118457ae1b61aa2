import { expect, it } from 'vitest';
import { defineApp, defineCluster, defineClusterTemplate, defineTenant } from './define.ts';

const app = {
  name: 'web',
  tenant: 'shop',
  namespace: 'shop-web',
  clusters: 'all',
  source: { path: 'x' },
} as const;

// What the compiler refuses is the test; what it takes is written so that a reader sees the shape.
it('takes what the schema takes, and returns the document', () => {
  expect(
    defineApp({
      ...app,
      clusters: { product: ['shop', 'pay'] },
      overrides: [
        { select: { environment: 'production' }, images: { web: 'r/web:2' }, source: { kustomize: 'y' } },
      ],
    }),
  ).toEqual({
    apiVersion: 'toryo.dev/v1alpha1',
    kind: 'App',
    metadata: { name: 'web' },
    spec: {
      tenant: 'shop',
      namespace: 'shop-web',
      clusters: { product: ['shop', 'pay'] },
      source: { path: 'x' },
      overrides: [
        { select: { environment: 'production' }, images: { web: 'r/web:2' }, source: { kustomize: 'y' } },
      ],
    },
  });
  defineClusterTemplate({ name: 'base', provider: 'eks', pools: [{ name: 'general', nodes: { min: 1 } }] });
  defineTenant({
    name: 'shop',
    clusters: 'all',
    namespaces: [{ name: 'shop-web', profile: 'restricted', quota: { cpu: '1', pods: 3 } }],
    overrides: [{ select: { name: 'lab' }, namespaces: [{ name: 'shop-web', quota: { cpu: null } }] }],
  });
  const cluster = defineCluster({
    name: 'lab',
    labels: { product: 'shop' },
    from: 'base',
    environment: 'staging',
    vars: { a: null },
  });
  expect(cluster.metadata).toEqual({ name: 'lab', labels: { product: 'shop' } });
});

it('does not compile with a field that is unknown, missing or fixed', () => {
  // @ts-expect-error a misspelt field
  defineApp({ ...app, imagse: {} });
  // @ts-expect-error a tenant cannot be overridden
  defineApp({ ...app, overrides: [{ select: 'all', tenant: 'pay' }] });
  // @ts-expect-error no environment
  defineCluster({ name: 'lab' });
  // @ts-expect-error no such state
  defineApp({ ...app, state: 'pined' });
  expect(app.name).toBe('web');
});
