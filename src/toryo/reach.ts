import { failure } from '../lib/index.ts';
import {
  connectionsText,
  endsOf,
  isNone,
  isolation,
  matrixOf,
  networkPlace,
  openingsOf,
  portsAsked,
  reach,
  type Connections,
  type End,
  type Isolation,
  type Matrix,
  type MatrixUnit,
  type NetworkPlace,
  type ReachVerdict,
} from '../guard/index.ts';
import { bundlesIn, clusterOf, type Built } from './looking.ts';

/** Who is to reach whom. */
export interface ReachQuestion {
  readonly from: string;
  readonly to: string;
  /** Undefined: the ports that TO means. */
  readonly ports?: Connections | undefined;
  /** Names of clusters; all when empty. */
  readonly clusters: readonly string[];
}

/** How sure it is that a cluster's NetworkPolicies do anything. */
export type Enforcement = 'enforced' | 'stored' | 'unknown';

/** One pair of ends, answered the same way on all of these clusters. */
export interface ReachAnswer {
  readonly clusters: readonly string[];
  readonly enforcement: Enforcement;
  readonly from: string;
  readonly to: string;
  readonly verdict: ReachVerdict;
  /** Ports that pass: `8080/TCP`, `all ports`, `none`. */
  readonly ports: string;
  /** Ports that may pass. */
  readonly doubtful: string;
  /** `NAMESPACE/NAME`, those that decided. */
  readonly policies: readonly string[];
  readonly reason: string;
  /** What to write so that a refused pair is let through. */
  readonly openings: readonly string[];
}

/** guard reach: whether FROM reaches TO, as the fleet's files say it; throws where they name nothing. */
export function reachOn(built: Built, question: ReachQuestion): readonly ReachAnswer[] {
  const reasons: string[] = [];
  const answers = placesOf(built, question.clusters).flatMap((place) => {
    const from = endsFor(question.from, place, reasons);
    const to = endsFor(question.to, place, reasons);
    if (from === undefined || to === undefined) return [];
    if ([...from, ...to].every(({ endpoint }) => endpoint.is === 'outside'))
      throw usage(`${question.from} and ${question.to} are both outside: no NetworkPolicy is about them`);
    return from.flatMap((source) =>
      to.flatMap((target) => pairAnswers(place, source, target, question.ports)),
    );
  });
  if (answers.length === 0) {
    const told = [...new Set(reasons)].join('; ');
    throw usage(`no cluster has both ${question.from} and ${question.to}: ${told}`);
  }
  return oncePerAnswer(answers);
}

function usage(why: string): Error {
  return failure('TORYO_USAGE', { why });
}

/** guard reach --matrix: one matrix for each cluster. */
export function matricesOn(
  built: Built,
  clusters: readonly string[],
  unit: MatrixUnit,
): readonly (Matrix & { readonly enforcement: Enforcement })[] {
  return placesOf(built, clusters).map((place) => ({
    ...matrixOf(place, unit),
    enforcement: enforcementOn(place),
  }));
}

/** guard reach --isolation: what is proven about the tenants of each cluster. */
export function isolationOn(
  built: Built,
  clusters: readonly string[],
): readonly (Isolation & { readonly cluster: string; readonly enforcement: Enforcement })[] {
  return placesOf(built, clusters).map((place) => ({
    cluster: place.cluster,
    enforcement: enforcementOn(place),
    ...isolation(place.objects),
  }));
}

function placesOf(built: Built, clusters: readonly string[]): readonly NetworkPlace[] {
  return bundlesIn(built, { clusters }).map(({ cluster, manifests }) =>
    networkPlace(built.fleet, cluster, manifests),
  );
}

function enforcementOn({ fleet, cluster }: NetworkPlace): Enforcement {
  return clusterOf(fleet, cluster).networkPolicies ?? 'unknown';
}

function endsFor(text: string, place: NetworkPlace, reasons: string[]): readonly End[] | undefined {
  const named = endsOf(text, place);
  if (named.is === 'found') return named.ends;
  if (named.is === 'wrong') throw usage(named.why);
  reasons.push(named.why);
  return undefined;
}

function pairAnswers(
  place: NetworkPlace,
  from: End,
  to: End,
  ports: Connections | undefined,
): readonly ReachAnswer[] {
  const asked = portsAsked(to, ports);
  if (isNone(asked)) throw usage(`the Service in front of ${to.endpoint.title} has no such port`);
  return reach(place.network, from.endpoint, to.endpoint, asked).map((one) => ({
    clusters: [place.cluster],
    enforcement: enforcementOn(place),
    from: one.from,
    to: one.to,
    verdict: one.verdict,
    ports: connectionsText(one.ports),
    doubtful: connectionsText(one.doubtful),
    policies: one.policies,
    reason: one.reason,
    openings: openingsOf(place, { from: from.endpoint, to: to.endpoint, asked, closed: one.closed }),
  }));
}

function oncePerAnswer(answers: readonly ReachAnswer[]): readonly ReachAnswer[] {
  const groups = Map.groupBy(answers, ({ clusters: _clusters, openings: _openings, ...answer }) =>
    JSON.stringify(answer),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const clusters = [...new Set(group.flatMap((one) => one.clusters))];
    return [{ ...first, clusters, openings: [...new Set(group.flatMap((one) => one.openings))] }];
  });
}
