import type { KubeObject } from '../../src/objects/index.ts';
/** A cluster of a test's fleet: a context of the bench's kubeconfig, or a sandbox. */
export interface WantedCluster {
  readonly name: string;
  readonly context?: string;
  readonly wave?: string;
  readonly provider?: 'kubeconfig' | 'sandbox';
  readonly version?: string;
}

/** `fleet.yaml`: waves in the order in which clusters name them, one empty profile. */
export function fleetYaml(name: string, clusters: readonly WantedCluster[]): string {
  const waves = [...new Set(clusters.map((one) => one.wave ?? 'all'))];
  const documents = [
    `kind: Fleet
metadata: { name: ${name} }
spec:
  environments: [{ name: lab }]
  waves: [${waves.map((wave) => `{ name: ${wave}, select: { wave: ${wave} } }`).join(', ')}]`,
    ...clusters.map((one) => clusterYaml(one)),
    `kind: SecurityProfile
metadata: { name: restricted }
spec: { readOnlyRootFilesystem: false }`,
  ];
  return documents.map((text) => `apiVersion: toryo.dev/v1alpha1\n${text}\n`).join('---\n');
}

function clusterYaml({
  name,
  context = name,
  wave = 'all',
  provider = 'kubeconfig',
  version = '1.35',
}: WantedCluster): string {
  const where =
    provider === 'kubeconfig'
      ? `kubeconfig: { context: ${context} }`
      : `version: "${version}"\n  pools: [{ name: general, instanceTypes: [m6i.large], nodes: { min: 2, max: 2 } }]`;
  return `kind: Cluster
metadata: { name: ${name}, labels: { wave: ${wave} } }
spec:
  environment: lab
  provider: ${provider}
  ${where}`;
}

/** A Tenant with namespaces of its own; `extra` are more lines of the first namespace. */
export function tenantYaml(name: string, namespaces: readonly string[], extra = ''): string {
  const spaces = namespaces.map(
    (namespace, index) =>
      `    - { name: ${namespace}, profile: restricted${index === 0 && extra !== '' ? `, ${extra}` : ''} }`,
  );
  return `apiVersion: toryo.dev/v1alpha1
kind: Tenant
metadata: { name: ${name} }
spec:
  clusters: all
  paths: [apps/${name}/**]
  teams: [{ name: ${name}-dev, group: "${name}:dev", can: [edit] }]
  namespaces:
${spaces.join('\n')}
`;
}

/** An App of a tenant; its manifests are in `manifests/` beside it. */
export function appYaml(
  name: string,
  tenant: string,
  namespace: string,
  more: readonly string[] = [],
): string {
  return `apiVersion: toryo.dev/v1alpha1
kind: App
metadata: { name: ${name} }
spec:
  tenant: ${tenant}
  namespace: ${namespace}
  source: { path: manifests }
${(more.some((line) => line.startsWith('clusters:')) ? more : ['clusters: all', ...more]).map((line) => `  ${line}\n`).join('')}`;
}

/** A ConfigMap in YAML. */
export function configMapYaml(name: string, data: Readonly<Record<string, string>> = { a: 'b' }): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: ${JSON.stringify(data)}\n`;
}

/** What a Deployment is besides its name. */
export interface DeploymentWish {
  readonly replicas?: number;
  readonly image?: string;
  /** The sandbox's word on how its pods fail. */
  readonly fail?: string;
  /** More fields of the pod's spec. */
  readonly pod?: Readonly<Record<string, unknown>>;
}

/** A Deployment that the restricted level lets in. */
export function deploymentYaml(name: string, wish: DeploymentWish = {}): string {
  const annotations = wish.fail === undefined ? {} : { annotations: { 'sandbox.toryo.dev/fail': wish.fail } };
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: wish.replicas ?? 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name }, ...annotations }, spec: restrictedPod(wish) },
    },
  };
  return `${JSON.stringify(object)}\n`;
}

/** A pod's spec that the restricted level lets in. */
export function restrictedPod(wish: Pick<DeploymentWish, 'image' | 'pod'> = {}): Record<string, unknown> {
  return {
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'main',
        image: wish.image ?? 'registry.example.com/main:1',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
    ...wish.pod,
  };
}

/** Documents in one file. */
export function together(...documents: readonly string[]): string {
  return documents.join('---\n');
}

/** The CustomResourceDefinition of Boats in example.com; namespaced and without fields unless told otherwise. */
export function boatDefinition(
  wish: { readonly scope?: 'Namespaced' | 'Cluster'; readonly properties?: object } = {},
): KubeObject {
  const { scope = 'Namespaced', properties } = wish;
  const schema = { openAPIV3Schema: { type: 'object', ...(properties === undefined ? {} : { properties }) } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'boats.example.com' },
    spec: {
      group: 'example.com',
      scope,
      names: { plural: 'boats', kind: 'Boat' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

/** A fleet of one cluster `lab`, with tenant shop and its App web in namespace shop-web; its manifests are the caller's. */
export function shopFiles(): Readonly<Record<string, string>> {
  return {
    'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]),
    'shop.yaml': tenantYaml('shop', ['shop-web']),
    'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web'),
  };
}
