import { z } from 'zod';
import { field, nameText, port, selector } from './field.ts';
import { manifestSource } from './source.ts';

const needText = z.string().regex(/^(App\/[a-z0-9-]+\/[a-z0-9-]+|Addon\/[a-z0-9-]+)$/, { error: 'need' });
const objectText = z.string().regex(/^[A-Z][A-Za-z0-9]*\/[^\s/]+$/, { error: 'object-name' });

const expose = z.strictObject({
  host: field(z.string(), 'Host name.', 'shop.example.com'),
  service: field(nameText, 'Service that answers.', 'web'),
  port: field(port, 'Port of the Service.', 80),
  tls: field(z.boolean().default(true), 'With a certificate.', true),
});

const secret = z.strictObject({
  name: field(nameText, 'Name of the Secret.', 'db'),
  from: field(
    z.enum(['parameterStore', 'secretsManager', 'vault']),
    'Where the values live; Toryo never reads them.',
    'parameterStore',
  ),
  path: field(z.string(), 'Path of the values.', '/shop/production/db'),
});

const images = z.record(z.string(), z.string());
const without = z.array(objectText);
const needs = z.array(needText);

/** App: manifests that one tenant runs in one of its namespaces. */
export const appSpec = z.strictObject({
  tenant: field(nameText, 'Tenant that owns the App.', 'shop'),
  namespace: field(nameText, 'One of the tenant’s namespaces.', 'shop-web'),
  clusters: field(selector, 'Clusters that the App runs on.', { product: 'shop' }),
  source: field(manifestSource, 'Where its manifests come from.', { path: 'manifests' }),
  images: field(images.default({}), 'Image name in the manifests, and the image to run.', {
    web: 'registry.example.com/shop/web:1.5.0',
  }),
  without: field(without.default([]), 'KIND/NAME of rendered objects to leave out.', ['ClusterRole/example']),
  needs: field(needs.default([]), 'Owners that must be delivered first.', ['App/shop/migrate']),
  expose: field(expose.exactOptional(), 'Host under which a Service is reached from outside.', {
    host: 'shop.example.com',
    service: 'web',
    port: 80,
  }),
  secrets: field(z.array(secret).default([]), 'Secrets fetched by the External Secrets add-on.', [
    { name: 'db', from: 'parameterStore', path: '/shop/db' },
  ]),
  state: field(
    z.enum(['stateless', 'external', 'pinned']).default('stateless'),
    'Where its state is; pinned blocks a switch.',
    'stateless',
  ),
});

export type AppSpec = z.infer<typeof appSpec>;
