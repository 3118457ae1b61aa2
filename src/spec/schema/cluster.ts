import { z } from 'zod';
import { cidrText, field, isRange, isRecord, labelMap, nameText } from './field.ts';

const nodes = z
  .strictObject({
    min: field(z.number().int().min(0), 'Smallest number of nodes.', 3),
    max: field(z.number().int().min(1), 'Largest number of nodes.', 30),
  })
  .refine(isRange, { error: 'min-max' });

const taintText = z
  .string()
  .regex(/^[^=:\s]+(=[^:\s]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/, { error: 'taint' });

const pool = z.strictObject({
  name: field(nameText, 'Name of the node pool.', 'general'),
  instanceTypes: field(z.array(z.string()).min(1), 'Instance types, the preferred one first.', [
    'm6i.xlarge',
  ]),
  nodes: field(nodes, 'How many nodes.', { min: 3, max: 30 }),
  perZone: field(z.boolean().default(false), 'One group per zone, so that volumes find their nodes.', true),
  prefixDelegation: field(
    z.boolean().default(false),
    'Addresses by /28 prefixes: more pods on a node.',
    true,
  ),
  taints: field(z.array(taintText).default([]), 'Taints as KEY=VALUE:EFFECT.', ['data=true:NoSchedule']),
  labels: field(labelMap.default({}), 'Labels of the nodes.', { tier: 'data' }),
});

const access = z.strictObject({
  role: field(z.string(), 'IAM role.', 'arn:aws:iam::111122223333:role/platform'),
  as: field(z.enum(['view', 'edit', 'admin']), 'What it may do on the cluster.', 'admin'),
});

const vpc = z
  .strictObject({
    create: field(z.literal(true).exactOptional(), 'Toryo makes the VPC.', true),
    id: field(z.string().exactOptional(), 'An existing VPC: never changed or deleted.', 'vpc-0a1b2c3d'),
    nodeSubnets: field(z.array(z.string()).exactOptional(), 'Subnets of the nodes in an existing VPC.', [
      'subnet-1',
    ]),
    podSubnets: field(z.array(z.string()).exactOptional(), 'Subnets of the pods in an existing VPC.', [
      'subnet-2',
    ]),
  })
  .refine((value) => (value.create === true) !== (value.id !== undefined), {
    error: 'one-vpc',
    when: isRecord,
  });

const publicEndpoint = z.strictObject({
  publicFrom: field(
    z.array(cidrText).min(1),
    'Addresses that may reach the endpoint; 0.0.0.0/0 needs a Waiver.',
    ['203.0.113.0/24'],
  ),
});

const eks = z.strictObject({
  endpoint: field(
    z.union([z.literal('private'), publicEndpoint]).default('private'),
    'Where the API endpoint can be reached from.',
    'private',
  ),
  encryption: field(
    z
      .strictObject({ kmsKey: field(z.string(), 'KMS key that encrypts Secrets.', 'alias/eks') })
      .exactOptional(),
    'Envelope encryption of Secrets.',
    { kmsKey: 'alias/eks' },
  ),
  access: field(z.array(access).default([]), 'IAM roles and what they may do.', []),
  account: field(
    z
      .string()
      .regex(/^\d{12}$/, { error: 'account' })
      .exactOptional(),
    'AWS account, 12 digits, quoted.',
    '111122223333',
  ),
  region: field(z.string().exactOptional(), 'AWS region.', 'ap-northeast-1'),
  zones: field(z.array(z.string()).min(1).exactOptional(), 'Availability zones.', [
    'ap-northeast-1a',
    'ap-northeast-1c',
  ]),
  assumeRole: field(
    z.string().exactOptional(),
    'Role that Toryo takes in the account.',
    'arn:aws:iam::111122223333:role/toryo',
  ),
  vpc: field(vpc.exactOptional(), 'The network: made by Toryo, or an existing one.', { create: true }),
});

/** What a ClusterTemplate and a Cluster share; a Cluster adds its environment. */
const shape = {
  provider: field(z.enum(['eks', 'onprem', 'kubeconfig', 'sandbox']), 'Who runs the cluster.', 'eks'),
  version: field(
    z
      .string()
      .regex(/^1\.\d+$/, { error: 'minor-version' })
      .exactOptional(),
    'Kubernetes minor version, quoted.',
    '1.35',
  ),
  upgrade: field(
    z
      .strictObject({
        strategy: field(
          z.enum(['in-place', 'switch', 'auto']),
          'In place, or by a new cluster and weighted traffic.',
          'switch',
        ),
      })
      .exactOptional(),
    'How the version goes up.',
    { strategy: 'switch' },
  ),
  eks: field(eks.exactOptional(), 'Settings of provider eks.', { region: 'ap-northeast-1' }),
  kubeconfig: field(
    z
      .strictObject({
        context: field(z.string(), 'Context in the files that KUBECONFIG names.', 'legacy-osaka'),
      })
      .exactOptional(),
    'Settings of provider kubeconfig.',
    { context: 'legacy-osaka' },
  ),
  sandbox: field(
    z
      .strictObject({
        zones: field(z.number().int().min(1).max(6).default(3), 'Zones that the nodes are spread over.', 3),
      })
      .exactOptional(),
    'Settings of provider sandbox.',
    { zones: 3 },
  ),
  networkPolicies: field(
    z.enum(['enforced', 'stored']).exactOptional(),
    'Whether the CNI enforces NetworkPolicies or only stores them; unknown when left out.',
    'enforced',
  ),
  pools: field(z.array(pool).default([]), 'Node pools.', [
    { name: 'general', instanceTypes: ['m6i.xlarge'], nodes: { min: 3, max: 30 } },
  ]),
  vars: field(labelMap.default({}), 'Values for ${vars.x}.', { domain: 'shop.example.com' }),
};

/** A Cluster after its template and its own document are merged. */
export const clusterSpec = z.strictObject({
  from: field(nameText.exactOptional(), 'ClusterTemplate that this cluster starts from.', 'eks-standard'),
  environment: field(nameText, 'Environment, one of the Fleet’s.', 'production'),
  ...shape,
});

/** A ClusterTemplate before it is completed: everything may be left out. */
export const clusterTemplateShape = z.strictObject(shape);

export type ClusterSpec = z.infer<typeof clusterSpec>;
