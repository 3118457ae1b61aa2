import { note, platformTenant, warning, type Diagnostic } from '../lib/index.ts';
import type { Catalog, InstanceType } from '../catalog/index.ts';
import { nanosIn } from '../objects/index.ts';
import type { Cluster, Fleet, Pool } from '../spec/index.ts';

/** What quotas can promise too much of, as a ResourceQuota names it. */
const resources = ['requests.cpu', 'requests.memory', 'pods'] as const;

type Resource = (typeof resources)[number];

/** Amounts in cores, bytes and pods. */
type Amounts = Readonly<Record<Resource, number>>;

/** What the quotas on a cluster promise together, and what its nodes can give. */
interface QuotaBalance {
  readonly resource: Resource;
  readonly promised: number;
  /** Tenant -> what is promised to it. */
  readonly tenants: ReadonlyMap<string, number>;
  /** With nodes.min of every pool, and the smallest of its instance types. */
  readonly least: number;
  /** With nodes.max of every pool, and the largest of its instance types. */
  readonly most: number;
}

type Types = Catalog['instanceTypes'];

/**
 * Quotas of all tenants against the nodes of one cluster; the platform's own tenant is unlimited. Undefined where the nodes
 * are not ours, or the catalogue does not know them.
 */
function quotaBalance(fleet: Fleet, cluster: Cluster, types: Types): readonly QuotaBalance[] | undefined {
  const pools = cluster.pools.map((pool) => poolAmounts(pool, cluster.provider, types));
  if (!hasOurNodes(cluster) || pools.some((one) => one === undefined)) return undefined;
  const sum = (end: 'least' | 'most', resource: Resource): number =>
    pools.reduce((total, pool) => total + (pool?.[end][resource] ?? 0), 0);
  return resources.map((resource) => {
    const tenants = promisedTo(fleet, cluster.name, resource);
    return {
      resource,
      promised: [...tenants.values()].reduce((left, right) => left + right, 0),
      tenants,
      least: sum('least', resource),
      most: sum('most', resource),
    };
  });
}

/** True for clusters whose nodes are ours: their quotas are compared with them. */
export function hasOurNodes({ provider, pools }: Cluster): boolean {
  return (provider === 'sandbox' || provider === 'eks') && pools.length > 0;
}

/** Says where quotas promise more than nodes give: a warning beyond nodes.max, a note beyond nodes.min. */
export function quotaCapacity(fleet: Fleet, types: Types): readonly Diagnostic[] {
  return [...fleet.clusters.values()].flatMap((cluster) => {
    if (fleet.leftOut?.promises.has(cluster.name) === true) return []; // a sum without what mistakes hide
    const balance = quotaBalance(fleet, cluster, types) ?? [];
    const tooMuch = balance.filter((one) => one.promised > one.most);
    const scaled = balance.filter((one) => one.promised > one.least && one.promised <= one.most);
    const at = cluster.place.locate(['pools']);
    const told = (ones: readonly QuotaBalance[], end: 'least' | 'most') => ({
      cluster: cluster.name,
      what: ones.map((one) => figures(one, end)).join('; '),
    });
    return [
      ...(tooMuch.length === 0 ? [] : [warning('TRY-QUOTA-001', at, told(tooMuch, 'most'))]),
      ...(scaled.length === 0 ? [] : [note('TRY-QUOTA-002', at, told(scaled, 'least'))]),
    ];
  });
}

const shownTenants = 3;

/** `requests.cpu 14 of 5.8 (shop 8, mail 4, search 2)`. */
function figures({ resource, promised, tenants, ...ends }: QuotaBalance, end: 'least' | 'most'): string {
  const largest = [...tenants].filter(([, amount]) => amount > 0).sort((left, right) => right[1] - left[1]);
  const shown = largest.slice(0, shownTenants).map(([name, amount]) => `${name} ${text(resource, amount)}`);
  const more = largest.length - shown.length;
  const list = [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return `${resource} ${text(resource, promised)} of ${text(resource, ends[end])} (${list})`;
}

const gibibyte = 1024 ** 3;

function text(resource: Resource, amount: number): string {
  const [number, unit] = resource === 'requests.memory' ? [amount / gibibyte, 'Gi'] : [amount, ''];
  return `${Number(number.toFixed(number < 10 ? 2 : 1))}${unit}`;
}

function promisedTo(fleet: Fleet, cluster: string, resource: Resource): ReadonlyMap<string, number> {
  const tenants = [...fleet.tenants.values()].filter((tenant) => tenant.name !== platformTenant);
  return new Map(
    tenants.flatMap((tenant) => {
      const on = tenant.on.get(cluster);
      const amounts = (on?.namespaces ?? []).map((one) => amountIn(one.quota ?? {}, resource));
      return on === undefined
        ? []
        : [[tenant.name, amounts.reduce((left, right) => left + right, 0)] as const];
    }),
  );
}

const spellings: Readonly<Record<Resource, readonly string[]>> = {
  'requests.cpu': ['requests.cpu', 'cpu'],
  'requests.memory': ['requests.memory', 'memory'],
  pods: ['pods', 'count/pods'],
};

// A namespace that says one thing twice has the smaller of both.
function amountIn(quota: Readonly<Record<string, string | number>>, resource: Resource): number {
  const said = spellings[resource].flatMap((key) => {
    const nanos = nanosIn(quota[key]);
    return nanos === undefined ? [] : [Number(nanos) / 1e9];
  });
  return said.length === 0 ? 0 : Math.min(...said);
}

interface PoolAmounts {
  readonly least: Amounts;
  readonly most: Amounts;
}

function poolAmounts(pool: Pool, provider: Cluster['provider'], types: Types): PoolAmounts | undefined {
  const known = pool.instanceTypes.flatMap((name) => types.get(name) ?? []);
  if (known.length < pool.instanceTypes.length) return undefined;
  const nodes = known.map((type) => (provider === 'eks' ? eksNode(type, pool) : wholeNode(type)));
  const scaled = (count: number, pick: (...values: readonly number[]) => number): Amounts => ({
    'requests.cpu': count * pick(...nodes.map((node) => node['requests.cpu'])),
    'requests.memory': count * pick(...nodes.map((node) => node['requests.memory'])),
    pods: count * pick(...nodes.map((node) => node.pods)),
  });
  return { least: scaled(pool.nodes.min, Math.min), most: scaled(pool.nodes.max, Math.max) };
}

const mebibyte = 1024 ** 2;

/** A sandbox's nodes keep nothing back. */
function wholeNode(type: InstanceType): Amounts {
  return { 'requests.cpu': type.cpu, 'requests.memory': type.memoryMiB * mebibyte, pods: type.pods };
}

/** Share of the advertised memory that the machine itself keeps: the default of Karpenter (vmMemoryOverheadPercent). */
const machineShare = 0.075;
const evictionMiB = 100;

/**
 * What an EKS node has for pods. Source: the kubelet configuration of awslabs/amazon-eks-ami (nodeadm): 6 % of the first core,
 * 1 % of the second, 0.5 % of the next two and 0.25 % of the others are kept, and 11 MiB for each pod and 255 MiB; evictions
 * begin at 100 MiB. With prefix delegation each address is 16, and nodes take 110 pods, or 250 with more than 30 cores.
 */
function eksNode(type: InstanceType, pool: Pool): Amounts {
  const kept = [0.06, 0.01, 0.005, 0.005].slice(0, type.cpu);
  const others = Math.max(0, type.cpu - kept.length) * 0.0025;
  const keptCpu = kept.reduce((left, right) => left + right, others);
  const memory = type.memoryMiB * (1 - machineShare) - (11 * type.pods + 255) - evictionMiB;
  const prefixed = Math.min((type.pods - 2) * 16 + 2, type.cpu > 30 ? 250 : 110);
  return {
    'requests.cpu': type.cpu - keptCpu,
    'requests.memory': Math.max(0, memory) * mebibyte,
    pods: pool.prefixDelegation ? prefixed : type.pods,
  };
}
