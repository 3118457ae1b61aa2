import {
  at,
  boundsName,
  pathText,
  problem,
  type Diagnostic,
  type Origin,
  type PathStep,
} from '../lib/index.ts';
import { boundsMistakes, exceededSums, type BoundsMistake, type QuotaSum } from '../guard/index.ts';
import { ownerName, refOf, titleOf, type Manifest } from '../objects/index.ts';
import type { Guarding } from './guarding.ts';
import { guardsIn } from './guards.ts';
import { boundsSteps, shortKeys } from './quota.ts';

/** A cluster of which the bounds are looked at, and what was compiled for it. */
export interface BoundCluster {
  readonly cluster: string;
  readonly version: string | undefined;
  readonly manifests: readonly Manifest[];
  readonly guardings: ReadonlyMap<string, Guarding>;
  /** True for namespaces of which mistakes hide what is to be in them: nothing is said of their sums. */
  readonly isHidden: (namespace: string) => boolean;
}

/** Quotas and LimitRanges that no API server takes, and quotas that cannot hold what is to be in their namespaces. */
export function boundsDiagnostics(on: BoundCluster): readonly Diagnostic[] {
  const wrong = on.manifests.flatMap((manifest) =>
    boundsMistakes(manifest.object).map((mistake) => ({ manifest, mistake })),
  );
  const doubtful = new Set(wrong.map(({ manifest }) => manifest.object.metadata.namespace));
  return [
    ...wrong.map(({ manifest, mistake }) => refused(manifest, mistake, on.guardings)),
    ...saidTwice(on.guardings),
    ...tooSmall(on, doubtful),
  ];
}

function refused(
  manifest: Manifest,
  { path, part, words, suggestion }: BoundsMistake,
  guardings: BoundCluster['guardings'],
): Diagnostic {
  const { subject, field, at: place } = written(manifest, path, { part, guardings });
  return problem('TRY-QUOTA-004', place, { subject, field, words, suggestion });
}

interface Written {
  /** `Namespace/shop-web`, `ResourceQuota/ingress/quota`. */
  readonly subject: string;
  readonly field: string;
  readonly at: Origin;
}

/** Where a field of a ResourceQuota or LimitRange was written: of a tenant's own, in the Tenant. */
function written(
  { object, from, owner }: Manifest,
  path: readonly PathStep[],
  { part, guardings }: { readonly part: 'key' | 'value'; readonly guardings: BoundCluster['guardings'] },
): Written {
  const { name, namespace = '' } = object.metadata;
  const wish = guardings.get(namespace)?.wish;
  const isOfTenant =
    wish !== undefined && name === boundsName && ownerName(owner) === `Tenant/${wish.tenant}`;
  if (!isOfTenant) return { subject: titleOf(refOf(object)), field: pathText(path), at: from };
  const steps = boundsSteps(object, path, at(wish.whole, ...wish.base, 'quota'));
  return {
    subject: `Namespace/${namespace}`,
    field: pathText(steps),
    at: wish.whole.place.locate([...wish.base, ...steps], part),
  };
}

/** Keys of one quota that are one resource: only one of them would count. */
function saidTwice(guardings: BoundCluster['guardings']): readonly Diagnostic[] {
  return [...guardings.values()].flatMap(({ wish: { name, whole, base } }) =>
    Object.entries(shortKeys)
      .filter((keys) => keys.every((key) => at(whole, ...base, 'quota', key) !== undefined))
      .map(([short, long]) =>
        problem('TRY-QUOTA-004', whole.place.locate([...base, 'quota', long], 'key'), {
          subject: `Namespace/${name}`,
          field: `quota.${long}`,
          words: `it is "${short}" once more`,
          suggestion: '',
        }),
      ),
  );
}

/** Quotas of namespaces whose bounds have no mistakes, of which nothing is hidden, and what they cannot hold. */
function tooSmall(on: BoundCluster, doubtful: ReadonlySet<string | undefined>): readonly Diagnostic[] {
  return guardsIn(on)
    .quotas()
    .filter(({ namespace }) => !doubtful.has(namespace) && !on.isHidden(namespace))
    .flatMap(({ namespace, answer }) => {
      const sums = exceededSums(answer);
      const manifest = on.manifests.find(
        ({ object }) =>
          sums.length > 0 &&
          object.kind === 'ResourceQuota' &&
          object.metadata.namespace === namespace &&
          object.metadata.name === answer.quota,
      );
      return manifest === undefined ? [] : sums.map((sum) => full(manifest, sum, on));
    });
}

function full(manifest: Manifest, sum: QuotaSum, { cluster, guardings }: BoundCluster): Diagnostic {
  const { resource, wanted, hard, by } = sum;
  const {
    subject,
    field,
    at: place,
  } = written(manifest, ['spec', 'hard', resource], {
    part: 'value',
    guardings,
  });
  return problem('TRY-QUOTA-003', place, { subject, field, cluster, wanted, hard, who: wanters(by) });
}

const shownWanters = 3;

/** `Deployment/shop-web/web 2, StatefulSet/shop-web/db 1, 4 more`. */
function wanters(by: QuotaSum['by']): string {
  const shown = by.slice(0, shownWanters).map(({ object, wanted }) => `${object} ${wanted}`);
  return [...shown, ...(by.length > shown.length ? [`${by.length - shown.length} more`] : [])].join(', ');
}
