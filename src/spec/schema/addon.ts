import { z } from 'zod';
import { field, labelMap, selector } from './field.ts';
import { manifestSource } from './source.ts';
import { namespaceFields } from './tenant.ts';

const needText = z.string().regex(/^(App\/[a-z0-9-]+\/[a-z0-9-]+|Addon\/[a-z0-9-]+)$/, { error: 'need' });

const role = z.strictObject({
  is: field(z.enum(['ingress-controller', 'monitoring']), 'Name of the network set.', 'monitoring'),
  pods: field(labelMap, 'Labels of the pods that are meant.', { app: 'prometheus' }),
});

/** Addon: what the platform runs on clusters, from the catalogue or a source of your own. */
export const addonSpec = z.strictObject({
  from: field(
    z.union([z.literal('catalog'), manifestSource]),
    'The catalogue, or a source as in App.',
    'catalog',
  ),
  version: field(
    z.string().exactOptional(),
    'Version in the catalogue; the newest that fits when left out.',
    '0.15.2',
  ),
  clusters: field(selector, 'Clusters that get it.', { provider: ['onprem', 'sandbox'] }),
  namespace: field(z.strictObject(namespaceFields), 'Its namespace.', {
    name: 'metallb-system',
    profile: 'restricted',
  }),
  role: field(role.exactOptional(), 'The network set that its pods are.', {
    is: 'monitoring',
    pods: { app: 'prometheus' },
  }),
  needs: field(z.array(needText).default([]), 'Owners that must be delivered first.', ['Addon/cert-manager']),
  values: field(z.record(z.string(), z.unknown()).default({}), 'Values given to its chart.', {
    speaker: { logLevel: 'warn' },
  }),
  without: field(z.array(z.string()).default([]), 'KIND/NAME of rendered objects to leave out.', [
    'ClusterRole/example',
  ]),
});

export type AddonSpec = z.infer<typeof addonSpec>;
