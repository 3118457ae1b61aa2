import { isFailure, known, reasonOf, unknown, type Instant, type Known, type Run } from '../lib/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { AgreedPlan, Approval, Consent, Demand, OtherCluster, Verified } from '../deliver/index.ts';
import { approvalTrailers, signerOf, type Author, type PublicKeyFile } from '../git/index.ts';
import type { ClusterConsent, LiveApprovers, Observation } from '../world/index.ts';
import {
  authorsSince,
  historyOf,
  provenanceOf,
  type History,
  type Provenance,
  type Repository,
} from './history.ts';
import { clusterOf, providerFor, type Built, type Environment } from './looking.ts';

const deliverRoom = () => import('../deliver/index.ts');
const worldRoom = () => import('../world/index.ts');

/** What is needed to know who must agree, and who did. */
export interface Assembly {
  readonly built: Built;
  readonly bundles: readonly Bundle[];
  readonly observed: ReadonlyMap<string, Observation>;
  readonly env: Environment;
}

/**
 * Reads who may approve from the clusters outside of a plan that share an environment with one that is protected and says nothing
 * itself. The clusters of the plan come with what was seen of them.
 */
async function othersOf(assembly: Assembly, run: Run): Promise<readonly OtherCluster[]> {
  const { built, bundles, observed } = assembly;
  const seen = bundles.map(({ cluster }): OtherCluster => ({
    cluster,
    environment: clusterOf(built.fleet, cluster).environment,
    own: consentSeen(observed.get(cluster)),
  }));
  const open = new Set(
    seen
      .filter((one) => isProtected(built, one.environment) && !namesApprovers(one.own))
      .map((one) => one.environment),
  );
  const known = new Set(seen.map((one) => one.cluster));
  const missing = [...built.fleet.clusters.values()].filter(
    (one) => open.has(one.environment) && !known.has(one.name),
  );
  const asked = await Promise.all(
    missing.map(async (cluster): Promise<OtherCluster> => ({
      cluster: cluster.name,
      environment: cluster.environment,
      own: await askCluster(built, cluster.name, assembly.env, run),
    })),
  );
  return [...seen, ...asked];
}

function consentSeen(seen: Observation | undefined): Known<ClusterConsent> | undefined {
  if (seen === undefined) return unknown('it was not asked');
  if (seen.is === 'absent') return undefined;
  return seen.is === 'there' ? seen.world.consent : unknown(seen.why.message);
}

function namesApprovers(own: Known<ClusterConsent> | undefined): boolean {
  return own?.is === 'known' && own.value.approvers !== undefined;
}

async function askCluster(
  built: Built,
  name: string,
  env: Environment,
  run: Run,
): Promise<Known<ClusterConsent> | undefined> {
  try {
    const cluster = clusterOf(built.fleet, name);
    const client = await (await providerFor(built, cluster, env)).connect(cluster, run);
    if (client === undefined) return undefined;
    try {
      return await (await worldRoom()).readConsent(client);
    } finally {
      await client.close();
    }
  } catch (error) {
    if (!isFailure(error) || run.signal.aborted) throw error;
    return unknown(reasonOf(error));
  }
}

/** True for a cluster that is there and whose changes somebody must agree to, or that is protected and does not say. */
export async function isGuarded(built: Built, cluster: string, env: Environment, run: Run): Promise<boolean> {
  const own = await askCluster(built, cluster, env, run);
  if (own?.is === 'unknown') return isProtected(built, clusterOf(built.fleet, cluster).environment);
  return namesApprovers(own);
}

/** True when the fleet protects an environment, or names who may approve there. */
function isProtected(built: Built, environment: string): boolean {
  const { environments, approverKeys } = built.fleet;
  const found = environments.find((one) => one.name === environment);
  return found?.protected === true || approverKeys.has(environment);
}

/** Who must agree to changes on a cluster that says this of itself. */
export async function demandFor(
  built: Built,
  cluster: string,
  own: Known<ClusterConsent>,
  others: readonly OtherCluster[],
): Promise<Demand> {
  const { demandOf } = await deliverRoom();
  return demandOf(askedOf(built, cluster, own), others);
}

function askedOf(built: Built, cluster: string, own: Known<ClusterConsent>) {
  const { environment } = clusterOf(built.fleet, cluster);
  return {
    cluster,
    environment,
    isProtected: isProtected(built, environment),
    hasKeys: (built.fleet.approverKeys.get(environment)?.keys.length ?? 0) > 0,
    own,
  };
}

/** Who must agree to the changes of each cluster that could be asked. */
export async function demandsOn(assembly: Assembly, run: Run): Promise<ReadonlyMap<string, Demand>> {
  const others = await othersOf(assembly, run);
  const demands = await Promise.all(
    assembly.bundles.map(async ({ cluster }) => {
      const own = consentSeen(assembly.observed.get(cluster)) ?? nothing;
      return own.is === 'unknown'
        ? []
        : [[cluster, await demandFor(assembly.built, cluster, own, others)] as const];
    }),
  );
  return new Map(demands.flat());
}

const nothing: Known<ClusterConsent> = known({ approvers: undefined, used: { plan: '', ids: new Map() } });

/** What somebody agreed to: a plan, and approvals of it. */
export interface Agreed {
  readonly plan: AgreedPlan;
  readonly approvals: readonly Approval[];
}

/** A fleet repository and what Git says of it. */
interface Origins {
  readonly repository: Repository;
  readonly history: Known<History>;
}

/** Answers for each cluster, at any time of a delivery, whether new things may be delivered there. */
type ConsentBook = (cluster: string, own: Known<ClusterConsent>, at: Instant) => Consent;

/** Finds out who must agree and who did; afterwards each answer is made without asking anybody. */
export async function bookFor(
  assembly: Assembly,
  agreed: Agreed,
  run: Run,
): Promise<{ readonly book: ConsentBook; readonly origins: Origins }> {
  const origins = await originsOf(assembly, run);
  return { book: await consentBook(assembly, agreed, origins, run), origins };
}

async function originsOf({ built, env }: Assembly, run: Run): Promise<Origins> {
  const repository = { root: built.fleet.root, env, run };
  return { repository, history: await historyOf(repository) };
}

/** Clusters to whose changes those agreed who must. */
export async function consentedClusters(
  assembly: Assembly,
  agreed: Agreed,
  run: Run,
): Promise<ReadonlySet<string>> {
  const { book } = await bookFor(assembly, agreed, run);
  const names = [...assembly.observed].flatMap(([cluster, seen]) => {
    const own = seen.is === 'there' ? seen.world.consent : undefined;
    return own !== undefined && book(cluster, own, run.now()).is === 'given' ? [cluster] : [];
  });
  return new Set(names);
}

/** Cluster -> why what those said who must agree is not enough. */
export async function consentRefusals(
  assembly: Assembly,
  agreed: Agreed,
  run: Run,
): Promise<ReadonlyMap<string, string>> {
  const { book } = await bookFor(assembly, agreed, run);
  return new Map(
    [...assembly.observed].flatMap(([cluster, seen]) => {
      const own = consentSeen(seen) ?? nothing;
      // A cluster that does not answer is not written to.
      const consent = seen.is === 'unknown' ? undefined : book(cluster, own, run.now());
      return consent?.is === 'refused' ? [[cluster, consent.why] as const] : [];
    }),
  );
}

async function consentBook(
  assembly: Assembly,
  agreed: Agreed,
  origins: Origins,
  run: Run,
): Promise<ConsentBook> {
  const { built } = assembly;
  const { consentOf, demandOf } = await deliverRoom();
  const others = await othersOf(assembly, run);
  const isAsked = others.some((one) => namesApprovers(one.own));
  const bases = isAsked ? await knownBases(assembly) : new Map<string, Bases>();
  const authors = await authorsAfter(bases, origins);
  const approvals: Verified[] = [];
  if (isAsked) {
    const keys = keysIn(others);
    const all = new Set([...bases.values()].flatMap((own) => [...own]));
    approvals.push(...(await verified(agreed.approvals, keys, origins.repository)));
    approvals.push(...(await trailers(built, all, keys, origins)));
  }
  const waves = new Map(
    built.fleet.waves.flatMap((wave) => wave.clusters.map((name) => [name, wave.name] as const)),
  );
  return (cluster, own, at) =>
    consentOf(demandOf(askedOf(built, cluster, own), others), {
      planHash: agreed.plan.hash,
      fleet: built.fleet.name,
      wave: waves.get(cluster) ?? '',
      at,
      approvals,
      commit: committed(origins),
      authors: authors.get(cluster) ?? unknown('its history was not asked; apply again'),
      used: own.is === 'known' ? own.value.used : { plan: '', ids: new Map() },
    });
}

/** Who wrote the changes of each cluster, as approvals are judged by. */
export async function authorsOn(
  assembly: Assembly,
  run: Run,
): Promise<ReadonlyMap<string, Known<readonly Author[]>>> {
  return authorsAfter(await knownBases(assembly), await originsOf(assembly, run));
}

async function authorsAfter(
  bases: ReadonlyMap<string, Bases>,
  origins: Origins,
): Promise<ReadonlyMap<string, Known<readonly Author[]>>> {
  const authors = new Map<string, Known<readonly Author[]>>();
  // Most clusters stand at the same commits: Git is asked once for each set of them.
  const asked = new Map<string, Promise<Known<readonly Author[]>>>();
  for (const [cluster, own] of bases) {
    const name = [...own].map(String).sort().join(' ');
    const answer = asked.get(name) ?? authorsOf(own, origins);
    asked.set(name, answer);
    authors.set(cluster, await answer);
  }
  return authors;
}

/** Commits after which changes begin; undefined in it: no commit is known. */
type Bases = ReadonlySet<string | undefined>;

/** Cluster -> the commits after which its changes begin. */
async function basesIn({
  bundles,
  observed,
}: Pick<Assembly, 'bundles' | 'observed'>): Promise<ReadonlyMap<string, Bases>> {
  const { basesOf } = await deliverRoom();
  return new Map(
    bundles.flatMap((bundle) => {
      const seen = observed.get(bundle.cluster);
      if (seen?.is === 'absent') return [[bundle.cluster, new Set([undefined])] as const];
      if (seen?.is !== 'there' || seen.world.inventories.is === 'unknown') return [];
      return [[bundle.cluster, basesOf(bundle.owners, seen.world.inventories.value)] as const];
    }),
  );
}

/** The same for approvals: a cluster that knows no commit goes by the last ones of its environment. */
async function knownBases(assembly: Assembly): Promise<Awaited<ReturnType<typeof basesIn>>> {
  const { lastCommitIn } = await deliverRoom();
  const { built, bundles, observed } = assembly;
  const environmentOf = (cluster: string): string => clusterOf(built.fleet, cluster).environment;
  const last = bundles.flatMap(({ cluster }) => {
    const seen = observed.get(cluster);
    const found =
      seen?.is === 'there' && seen.world.inventories.is === 'known'
        ? lastCommitIn(seen.world.inventories.value)
        : undefined;
    return found === undefined ? [] : [{ environment: environmentOf(cluster), commit: found }];
  });
  return new Map(
    [...(await basesIn(assembly))].map(([cluster, own]) => {
      const near = last.filter((one) => one.environment === environmentOf(cluster)).map((one) => one.commit);
      const isLost = own.has(undefined) && near.length > 0;
      return [cluster, isLost ? new Set([...own, ...near].filter((one) => one !== undefined)) : own] as const;
    }),
  );
}

/** Where the changes of all clusters come from; undefined where Git does not know. */
export async function provenance(assembly: Assembly, run: Run): Promise<Provenance | undefined> {
  const bases = [...(await basesIn(assembly)).values()].flatMap((own) => [...own]);
  return provenanceOf(new Set(bases), { root: assembly.built.fleet.root, env: assembly.env, run });
}

/** The commit that is delivered. */
function committed({ history }: Origins): Known<string> {
  if (history.is === 'unknown') return history;
  return history.value.isDirty
    ? unknown('files of the fleet differ from the commit; commit them')
    : known(history.value.revision);
}

async function authorsOf(
  bases: ReadonlySet<string | undefined>,
  origins: Origins,
): Promise<Known<readonly Author[]>> {
  const commit = committed(origins);
  if (commit.is === 'unknown') return commit;
  // The authors of the newest commit alone might leave out the one that matters.
  if (bases.has(undefined))
    return unknown(
      'no commit is known after which the change begins; apply it together with another cluster of the environment',
    );
  return await authorsSince(bases, origins.repository);
}

function keysIn(others: readonly OtherCluster[]): readonly PublicKeyFile[] {
  const approvers = others.flatMap(({ own }): readonly LiveApprovers[] =>
    own?.is === 'known' && own.value.approvers !== undefined ? [own.value.approvers] : [],
  );
  const lines = new Set(approvers.flatMap((one) => one.keys));
  return [...lines].map((text) => ({
    file: text.split(/\s+/).slice(2).join(' ') || 'a key without a name',
    text,
  }));
}

async function verified(
  approvals: readonly Approval[],
  keys: readonly PublicKeyFile[],
  repository: Repository,
): Promise<readonly Verified[]> {
  const { approvalId, approvalNamespace, statementText } = await deliverRoom();
  return Promise.all(
    approvals.map(async (approval) => {
      const { statement, signature } = approval;
      const signed = { text: statementText(statement), signature, namespace: approvalNamespace };
      return {
        approval,
        id: approvalId(statement),
        signer: await signerOf(signed, keys, repository),
      };
    }),
  );
}

/** Approvals in commits; a history that is not here approves nothing, and the authors say why. */
async function trailers(
  built: Built,
  bases: ReadonlySet<string | undefined>,
  keys: readonly PublicKeyFile[],
  { repository, history }: Origins,
): Promise<readonly Verified[]> {
  if (history.is === 'unknown') return [];
  const { approvalInCommit } = await deliverRoom();
  const waves = built.fleet.waves.map((wave) => wave.name);
  const found = new Map<string, Verified>();
  for (const base of bases) {
    try {
      const commits = await approvalTrailers(repository.root, { base, head: 'HEAD' }, keys, repository);
      for (const commit of commits) {
        const approval = approvalInCommit(commit, built.fleet.name, waves);
        found.set(approval.id, approval);
      }
    } catch (error) {
      if (!isFailure(error, 'TORYO_GIT')) throw error;
    }
  }
  return [...found.values()];
}
