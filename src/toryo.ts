/** The story: one function per verb, and the only place where rooms are composed. */
import { defaultAccess, loadCatalog } from './catalog/index.ts';
import { andThen, checked, failure, oncePerCause, unknown, type Checked, type Run } from './lib/index.ts';
import { compile, quotaCapacity, type Bundle, type Manner as CompileManner } from './compile/index.ts';
import type {
  Delivered,
  Demand,
  Look,
  Patience,
  Permissions,
  Plan,
  PlannedCluster,
  PlanInput,
} from './deliver/index.ts';
import type { KubeClient } from './kube/index.ts';
import { render } from './render/index.ts';
import { load, type Cluster, type Fleet } from './spec/index.ts';
import type { Observation, World } from './world/index.ts';

import {
  authorsOn,
  bookFor,
  consentedClusters,
  consentRefusals,
  demandsOn,
  isGuarded,
  provenance as provenanceIn,
  type Agreed,
  type Assembly,
} from './toryo/consent.ts';
import { commitOf, isNewerThan, type Provenance } from './toryo/history.ts';
import {
  bundlesIn,
  clusterOf,
  inWaveOrder,
  observeCluster,
  providerFor,
  type Built,
  type Environment,
  type Reading,
} from './toryo/looking.ts';
import { askWave } from './toryo/gates.ts';
import type { AsWritten } from './toryo/locking.ts';
import { planLeavers, removeLeavers } from './toryo/removals.ts';
import { rulesOf } from './toryo/rules.ts';
import { elsewhereOf, holdsAt, needsOf, waveOrders } from './toryo/waves.ts';

export { accessOn } from './toryo/access.ts';
export { checkFleetInventories, type CheckedInventories } from './toryo/inventories.ts';
export { lockFiles, type AsWritten, type Locked, type LockWish } from './toryo/locking.ts';
export { isolationOn, matricesOn, reachOn, type Enforcement, type ReachAnswer } from './toryo/reach.ts';
export type { RemovedStatus } from './toryo/removals.ts';
export { findDeleted, undo, type Deleted, type Undone } from './toryo/undo.ts';
export { verdictOn, waveStates } from './toryo/waves.ts';
export { foreseeWish, tellWish, type Foreseen, type SaidWish } from './toryo/wishes.ts';
export { bundlesIn, closeAll, type Built, type Environment, type Reading } from './toryo/looking.ts';
export { simulate, type ClusterSimulation } from './toryo/simulation.ts';
export type { ExplainedViolation } from './toryo/explained.ts';
export { verdicts } from './toryo/verdicts.ts';
export type { Asked, FleetVerdicts, FullQuota, ObjectVerdict } from './toryo/verdict-shapes.ts';
export { removedStatus, status, type ClusterStatus, type ObjectStatus } from './toryo/status.ts';
export type { Agreed } from './toryo/consent.ts';
export type { Provenance } from './toryo/history.ts';

// What talks to clusters is loaded when a verb needs it: `check` reads files only, and people wait for it.
const deliverRoom = () => import('./deliver/index.ts');

/** check and build: files to one Bundle per cluster, or every mistake at once. */
export async function build(root: string, reading: Reading, run: Run): Promise<Checked<Built>> {
  return await buildAs({}, root, reading, run);
}

/** What `toryo lock` starts from: images as they are written, whatever toryo.lock says of them. */
export async function buildAsWritten(root: string, reading: Reading, run: Run): Promise<Checked<AsWritten>> {
  const { value, diagnostics } = await buildAs({ images: 'as-written' }, root, reading, run);
  return { value: value && { built: value }, diagnostics };
}

async function buildAs(
  manner: CompileManner,
  root: string,
  reading: Reading,
  run: Run,
): Promise<Checked<Built>> {
  const catalog = loadCatalog();
  return andThen(await load(root, run, reading), async (fleet) =>
    andThen(await render(fleet, catalog, run, reading.env), (rendered) => {
      const { value, sound = value, diagnostics } = compile(fleet, rendered, manner);
      const quotas = oncePerCause(quotaCapacity(fleet, catalog.instanceTypes));
      return checked({ fleet, catalog, bundles: sound ?? [] }, [...quotas, ...diagnostics]);
    }),
  );
}

/** Which clusters, and what the operator lets pass. */
export interface Scope {
  /** Names of clusters; all when empty. */
  readonly clusters: readonly string[];
  readonly permissions: Permissions;
  /** True: clusters are only read, which proves too little to be applied. */
  readonly isReadOnly?: boolean;
}

/** A plan and the open clusters it was made from. */
export interface Planned {
  readonly plan: Plan;
  readonly world: World;
  readonly clients: ReadonlyMap<string, KubeClient>;
  readonly scope: Scope;
  readonly env: Environment;
  /** Clusters that were not changed themselves, because nobody agreed to it. */
  readonly left?: readonly string[];
}

/** plan: looks at every cluster and says what would change; writes nothing. */
export async function plan(built: Built, scope: Scope, env: Environment, run: Run): Promise<Planned> {
  const bundles = bundlesIn(built, scope);
  const { isReadOnly = false } = scope;
  const clients = new Map<string, KubeClient>();
  const observed = await Promise.all(
    bundles.map(
      async (bundle) =>
        [
          bundle.cluster,
          await observeCluster(built, bundle, { env, clients, hasPredictions: true, isReadOnly }, run),
        ] as const,
    ),
  );
  const world: World = { at: run.now(), clusters: new Map(observed) };
  const infrastructure = await infrastructureChanges(built, bundles, env);
  const assembly = { built, bundles, observed: world.clusters, env };
  const demands = await demandsOn(assembly, run);
  const isAsked = [...demands.values()].some((demand) => demand.is === 'needed');
  const authors = isAsked ? await authorsOn(assembly, run) : new Map<string, typeof unasked>();
  const notes = holdNotes(await holdsAt(built.fleet, bundles, world.at));
  const consent = await consentNotes(demands, authors);
  const approvers = new Map(
    [...demands].flatMap(([cluster, demand]) =>
      demand.is === 'needed'
        ? [[cluster, { approvers: demand.by, authors: authors.get(cluster) ?? unasked }] as const]
        : [],
    ),
  );
  const leaving = scope.clusters.length === 0 ? await planLeavers(built, env, run) : [];
  const builtInAccess = new Map(bundles.map((one) => [one.cluster, defaultAccess(one.version)]));
  return {
    plan: await planFrom(
      built,
      { bundles, world, infrastructure, notes, consent, approvers, leaving, builtInAccess },
      scope,
    ),
    world,
    clients,
    scope,
    env,
  };
}

const unasked = unknown('its history was not asked');

async function consentNotes(
  demands: ReadonlyMap<string, Demand>,
  authors: Awaited<ReturnType<typeof authorsOn>>,
): Promise<ReadonlyMap<string, string>> {
  const { demandNote } = await deliverRoom();
  return new Map(
    [...demands].flatMap(([cluster, demand]) => {
      const note = demandNote(demand, authors.get(cluster) ?? unasked);
      return note === undefined ? [] : [[cluster, note] as const];
    }),
  );
}

function holdNotes(
  holds: ReadonlyMap<string, { readonly why: string }>,
): ReadonlyMap<string, readonly string[]> {
  return new Map([...holds].map(([cluster, { why }]) => [cluster, [`nothing is written now: ${why}`]]));
}

/** Where a plan comes from; undefined where Git does not know. */
export async function provenance(built: Built, planned: Planned, run: Run): Promise<Provenance | undefined> {
  return provenanceIn(assemblyOf(built, planned), run);
}

/** What providers would do to the clusters themselves, by cluster. */
async function infrastructureChanges(
  built: Built,
  bundles: readonly Bundle[],
  env: Environment,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ours = bundles.filter((bundle) => bundle.infrastructure.kind !== 'none');
  const changes = ours.map(async (bundle) => {
    const cluster = clusterOf(built.fleet, bundle.cluster);
    const provider = await providerFor(built, cluster, env);
    return [bundle.cluster, await provider.changes(bundle.infrastructure, cluster)] as const;
  });
  return new Map(await Promise.all(changes));
}

/** What a plan is made from besides the fleet. */
type Seen = Pick<
  PlanInput,
  | 'bundles'
  | 'world'
  | 'infrastructure'
  | 'notes'
  | 'consent'
  | 'approvers'
  | 'leaving'
  | 'builtInAccess'
  | 'isBack'
>;

async function planFrom(built: Built, seen: Seen, scope: Scope): Promise<Plan> {
  const room = await deliverRoom();
  const { fleet } = built;
  return room.plan({
    fleet: fleet.name,
    waves: fleet.waves,
    ...seen,
    identities: lockedIdentities(fleet),
    permissions: scope.permissions,
    ...(await rulesOf(built)),
    ...(scope.isReadOnly === true ? { isReadOnly: true } : {}),
  });
}

// A sandbox may be thrown away and made again; every other cluster is the one that toryo.lock knows, or none.
function lockedIdentities(fleet: Fleet): ReadonlyMap<string, string | undefined> {
  const foreign = [...fleet.clusters.values()].filter((cluster) => cluster.provider !== 'sandbox');
  return new Map(
    foreign.map((cluster) => [cluster.name, fleet.lock.get(`cluster-${cluster.name}.yaml`)?.identity]),
  );
}

/** Refuses what safety depends on and nothing enforces yet, on clusters that are not sandboxes. */
export function refuseUnenforced(built: Built, bundles: readonly Bundle[]): void {
  const names = new Set(
    bundles
      .map((bundle) => bundle.cluster)
      .filter((name) => built.fleet.clusters.get(name)?.provider !== 'sandbox'),
  );
  const fields = built.fleet.unenforced
    .filter((one) => one.isSafety && one.clusters.some((name) => names.has(name)))
    .map((one) => one.field);
  if (fields.length > 0) throw failure('TORYO_NOT_ENFORCED', { fields: [...new Set(fields)].join(', ') });
}

/**
 * Makes clusters exist that their provider can make: sandboxes are started, or changed to the version and pools wanted, but for
 * those that the calendar holds. Gives those that are left as they are, because whoever must agree to their changes did not.
 */
export async function provision(
  built: Built,
  scope: Pick<Scope, 'clusters'> & { readonly agreed?: ReadonlySet<string> },
  env: Environment,
  run: Run,
): Promise<readonly string[]> {
  const bundles = bundlesIn(built, scope).filter((bundle) => bundle.infrastructure.kind !== 'none');
  const held = await holdsAt(built.fleet, bundles, run.now());
  const left = await Promise.all(
    bundles.map(async (bundle) => {
      if (held.has(bundle.cluster)) return [];
      const cluster = clusterOf(built.fleet, bundle.cluster);
      const provider = await providerFor(built, cluster, env);
      const changes = await provider.changes(bundle.infrastructure, cluster);
      const isOpen = changes.length === 0 || scope.agreed?.has(cluster.name) === true;
      if (!isOpen && (await isGuarded(built, cluster.name, env, run))) return [cluster.name];
      await provider.provision(bundle.infrastructure, cluster, run);
      return [];
    }),
  );
  return left.flat();
}

/** Throws TORYO_APPROVAL when something new would come to a cluster and those who must agree did not; drift needs nobody. */
export async function refuseUnapproved(
  built: Built,
  planned: Planned,
  agreed: Agreed,
  run: Run,
): Promise<void> {
  const { hasNews } = await deliverRoom();
  const refusals = await consentRefusals(assemblyOf(built, planned), agreed, run);
  const looks = looksOf(planned);
  const why = bundlesIn(built, planned.scope).flatMap((bundle) => {
    const [look, refusal] = [looks.get(bundle.cluster), refusals.get(bundle.cluster)];
    const isNew = look !== undefined && hasNews(bundle, look, built.bundles);
    return isNew && refusal !== undefined ? [`cluster ${bundle.cluster}: ${refusal}`] : [];
  });
  if (why.length > 0) throw failure('TORYO_APPROVAL', { why: `${why.join('; ')}. Nothing was written` });
}

/** Clusters to whose changes those agreed who must. */
export async function agreedClusters(
  built: Built,
  planned: Planned,
  agreed: Agreed,
  run: Run,
): Promise<ReadonlySet<string>> {
  return consentedClusters(assemblyOf(built, planned), agreed, run);
}

function assemblyOf(built: Built, { env, scope, world }: Planned): Assembly {
  return { built, bundles: bundlesIn(built, scope), observed: world.clusters, env };
}

/** How apply goes about it. */
export interface Manner {
  readonly patience: Patience;
  /** How long a cluster may be silent before it counts as failed, in milliseconds. */
  readonly silence: number;
  /** True: somebody agreed to this very plan, and nothing else is done. */
  readonly isBinding: boolean;
  /** False: what fails stays where it is, to be looked at. */
  readonly mayReturn?: boolean;
  /** The plan that was agreed to, and who approved it; the plan that was just made, and commits, when left out. */
  readonly agreed?: Agreed;
  /** False: what soaks is left to soak, and the next run goes on from there. */
  readonly isPatient: boolean;
  /** True: nothing is delivered, only what is to go back goes back. */
  readonly isOnlyBack?: boolean;
}

/** apply: carries a plan out, wave by wave. */
export async function apply(
  built: Built,
  planned: Planned,
  manner: Manner,
  run: Run,
): Promise<readonly Delivered[]> {
  const { converge, holderIdentity, narrowedWorld } = await deliverRoom();
  const { scope, env } = planned;
  const { fleet } = built;
  const bundles = inWaveOrder(fleet, built.bundles).filter((bundle) =>
    planned.world.clusters.has(bundle.cluster),
  );
  const clients = new Map(planned.clients);
  const look = async (bundle: Bundle, owners?: ReadonlySet<string>): Promise<Look> => {
    const whole = await observeCluster(built, bundle, { env, clients, hasPredictions: true }, run);
    const seen =
      owners === undefined || whole.is !== 'there'
        ? whole
        : { ...whole, world: narrowedWorld(whole.world, owners) };
    return {
      seen,
      planned: await planOne(built, { bundle, seen, at: run.now(), isBack: owners !== undefined }, scope),
      client: clients.get(bundle.cluster),
    };
  };
  const agreed = manner.agreed ?? { plan: planned.plan, approvals: [] };
  const { book, origins } = await bookFor(assemblyOf(built, planned), agreed, run);
  const commit = commitOf(origins.history);
  const delivered = await converge(
    {
      fleet: fleet.name,
      bundles,
      everywhere: built.bundles,
      waves: waveOrders(fleet, built.bundles),
      elsewhere: await elsewhereOf({ built, env, run }, bundles),
      needs: needsOf(bundles, fleet),
      plan: agreed.plan,
      isBinding: manner.isBinding,
      isOnlyBack: manner.isOnlyBack === true,
      mayReturn: manner.mayReturn !== false,
      isPatient: manner.isPatient && manner.isOnlyBack !== true,
      looks: looksOf(planned),
      commit,
      holder: {
        identity: holderIdentity(),
        commit,
        isNewerThan: (other) => isNewerThan(other, commit, origins.repository),
      },
      consentTo: book,
      silence: manner.silence,
      patienceOn: (cluster) => patienceOn(clusterOf(fleet, cluster), manner.patience),
      holdsAt: (at) => holdsAt(fleet, bundles, at),
      look,
      askGates: (call, looks) => askWave(call, looks, { built, bundles, env }, run),
    },
    run,
  );
  return [...delivered, ...(await removeLeavers(built, planned.plan, env, run))];
}

function looksOf({ plan: agreed, world, clients }: Planned): ReadonlyMap<string, Look> {
  const clusters = agreed.waves.flatMap((wave) => wave.clusters);
  return new Map(
    clusters.flatMap((planned) => {
      const seen = world.clusters.get(planned.cluster);
      return seen === undefined
        ? []
        : [[planned.cluster, { seen, planned, client: clients.get(planned.cluster) }]];
    }),
  );
}

interface SeenOne {
  readonly bundle: Bundle;
  readonly seen: Observation;
  readonly at: string;
  readonly isBack: boolean;
}

async function planOne(
  built: Built,
  { bundle, seen, at, isBack }: SeenOne,
  scope: Scope,
): Promise<PlannedCluster> {
  const world: World = { at, clusters: new Map([[bundle.cluster, seen]]) };
  const plan = await planFrom(built, { bundles: [bundle], world, infrastructure: new Map(), isBack }, scope);
  const planned = plan.waves.flatMap((wave) => wave.clusters)[0];
  if (planned === undefined) throw new RangeError(`cluster ${bundle.cluster} is in no wave`);
  return planned;
}

function patienceOn(cluster: Cluster, patience: Patience): Patience {
  return cluster.provider === 'sandbox'
    ? { ...patience, quiet: Math.min(patience.quiet, sandboxQuiet) }
    : patience;
}

// Nothing runs in a sandbox pod: a status that only an operator writes will not come.
const sandboxQuiet = 3000;
