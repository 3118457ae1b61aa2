import { z } from 'zod';
import { field, isRecord, nameText, quantityText, selector } from './field.ts';

/** What a team may do: one of view, edit, admin, and the words of their own exec and secrets. */
const capability = z.enum(['view', 'edit', 'admin', 'exec', 'secrets']);

const team = z
  .strictObject({
    name: field(nameText, 'Name of the team.', 'shop-dev'),
    group: field(
      z.string().exactOptional(),
      'Group as the API server sees it; never a system: group.',
      'shop:dev',
    ),
    user: field(z.string().exactOptional(), 'A single user instead of a group.', 'release-bot'),
    can: field(z.array(capability).min(1), 'view, edit or admin, and exec and secrets where wanted.', [
      'edit',
      'exec',
    ]),
    iamRole: field(
      z.string().exactOptional(),
      'IAM role that becomes the group on EKS.',
      'arn:aws:iam::111122223333:role/shop-dev',
    ),
  })
  .refine((value) => (value.group !== undefined) !== (value.user !== undefined), {
    error: 'team-subject',
    when: isRecord,
  });

const resources = z.record(z.string(), quantityText);

const limitSet = z.strictObject({
  default: field(resources.exactOptional(), 'Limits of containers that set none.', { memory: '512Mi' }),
  defaultRequest: field(resources.exactOptional(), 'Requests of containers that set none.', {
    cpu: '100m',
    memory: '256Mi',
  }),
  min: field(resources.exactOptional(), 'Smallest values.', { cpu: '10m' }),
  max: field(resources.exactOptional(), 'Largest values.', { cpu: '4', memory: '8Gi' }),
  maxLimitRequestRatio: field(resources.exactOptional(), 'Largest ratio of limit to request.', { cpu: 10 }),
});

const limits = z.strictObject({
  container: field(limitSet.exactOptional(), 'For each container.', { max: { cpu: '4' } }),
  pod: field(limitSet.exactOptional(), 'For each pod.', { max: { cpu: '8' } }),
  persistentVolumeClaim: field(limitSet.exactOptional(), 'For each claim (resource storage).', {
    max: { storage: '100Gi' },
  }),
});

const networkSetNames = z.array(nameText);

const network = z.union([
  z.literal('own'),
  z.strictObject({
    ingress: field(networkSetNames.default(['same-namespace']), 'Network sets that may call in.', [
      'same-namespace',
      'ingress-controller',
    ]),
    egress: field(networkSetNames.default(['dns', 'same-namespace']), 'Network sets that may be called.', [
      'dns',
      'same-namespace',
    ]),
  }),
]);

const trial = z.strictObject({
  profile: field(nameText, 'SecurityProfile that is tried.', 'stricter'),
  as: field(
    z.enum(['warn', 'audit']).default('warn'),
    'warn tells who applies and writes to the audit log; audit only writes.',
    'warn',
  ),
});

/** One namespace of a tenant, or of an add-on. */
export const namespaceFields = {
  name: field(nameText, 'Name of the namespace.', 'shop-web'),
  profile: field(nameText, 'SecurityProfile that holds for its pods.', 'restricted'),
  trial: field(
    trial.exactOptional(),
    'A profile that refuses nothing yet, next to the one that holds: the way to a stricter one.',
    { profile: 'stricter', as: 'warn' },
  ),
  serviceAccounts: field(
    z.record(z.string(), nameText).default({}),
    'Another profile for a service account: only where no team may edit.',
    { speaker: 'load-balancer' },
  ),
};

const namespace = z.strictObject({
  ...namespaceFields,
  quota: field(
    resources.exactOptional(),
    'cpu and memory are requests; otherwise the keys of ResourceQuota.',
    { cpu: '40', memory: '80Gi', pods: 200 },
  ),
  limits: field(limits.exactOptional(), 'Defaults and bounds for containers, pods and claims.', {
    container: { max: { cpu: '4' } },
  }),
  serviceTypes: field(
    z.array(z.enum(['LoadBalancer', 'NodePort'])).default([]),
    'Types of Services besides ClusterIP and ExternalName that its Apps may have.',
    ['LoadBalancer'],
  ),
  network: field(
    network.default({ ingress: ['same-namespace'], egress: ['dns', 'same-namespace'] }),
    'Who may call in and what may be called; `own`: its Apps bring their NetworkPolicies.',
    { ingress: ['same-namespace'], egress: ['dns', 'same-namespace'] },
  ),
});

/** Tenant: who has which namespaces where, and who may do what in them. */
export const tenantSpec = z.strictObject({
  clusters: field(selector, 'Clusters that the tenant lives on.', { product: 'shop' }),
  paths: field(
    z.array(z.string()).default([]),
    'Where the tenant’s Apps live; nothing else may live there.',
    ['apps/shop/**'],
  ),
  hosts: field(z.array(z.string()).default([]), 'Hosts that its Apps may be exposed under.', [
    'shop.example.com',
    '*.shop.example.com',
  ]),
  teams: field(z.array(team).default([]), 'Teams and what they may do.', [
    { name: 'shop-dev', group: 'shop:dev', can: ['edit'] },
  ]),
  namespaces: field(z.array(namespace).min(1), 'Namespaces; one has one tenant on a cluster.', [
    { name: 'shop-web', profile: 'restricted' },
  ]),
});

export type TenantSpec = z.infer<typeof tenantSpec>;
