import { problem, warning, type Diagnostic } from '../lib/index.ts';
import { everyPodRule, Guards } from '../guard/index.ts';
import { ownerName, refOf, titleOf, type Manifest } from '../objects/index.ts';
import type { Cluster, Fleet, Waiver } from '../spec/index.ts';
import type { Guarding } from './guarding.ts';

const day = 86_400_000;
const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: day };
const podRuleCodes: ReadonlySet<string> = new Set(everyPodRule.map(({ code }) => code));

/** Whether Waivers are for something, may be, and let in nothing else; told once every cluster was looked at. */
export class UsedWaivers {
  readonly #fleet: Fleet;
  readonly #used = new Set<string>();
  readonly #found: Diagnostic[] = [];
  /** By Waiver: objects of other owners that it lets in too. */
  readonly #others = new Map<string, string>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  on(guardings: ReadonlyMap<string, Guarding>, manifests: readonly Manifest[], cluster: Cluster): void {
    const waivers = new Map(this.#fleet.waivers.map((waiver) => [waiver.name, waiver]));
    for (const { namespace } of guardings.values()) {
      for (const name of new Set(namespace.waivers.map((one) => one.name))) {
        const waiver = waivers.get(name);
        if (waiver !== undefined) this.#found.push(...wishMistakes(waiver, namespace));
      }
    }
    if (![...guardings.values()].some(({ namespace }) => namespace.waivers.length > 0)) return;
    const guards = new Guards(
      manifests.map(({ object }) => object),
      cluster.version,
    );
    for (const manifest of manifests) {
      const names = guards.verdictOn(manifest.object).waived.flatMap((one) => one.waivers);
      for (const name of new Set(names)) this.#use(waivers.get(name), manifest);
    }
  }

  #use(waiver: Waiver | undefined, { object, owner }: Manifest): void {
    if (waiver === undefined) return;
    const { app } = waiver.target;
    if (app === undefined || ownerName(owner) === `App/${app}`) this.#used.add(waiver.name);
    else this.#others.set(waiver.name, titleOf(refOf(object)));
  }

  mistakes(): readonly Diagnostic[] {
    const ours = this.#fleet.waivers.filter(({ rule }) => podRuleCodes.has(rule));
    return [
      ...this.#found,
      ...ours
        .filter(({ name }) => !this.#used.has(name))
        .map(({ from, rule }) => warning('TRY-SEC-052', from, { rule })),
      ...ours.flatMap(({ name, from, target }) => {
        const other = this.#others.get(name);
        if (other !== undefined)
          return [
            warning('TRY-SEC-053', from, {
              what: `it lets ${other} in too, which has the same service account and is not of App ${target.app ?? ''}`,
            }),
          ];
        const isBroad = target.app === undefined && target.namespace === undefined;
        return isBroad
          ? [warning('TRY-SEC-053', from, { what: 'it names neither an App nor a namespace' })]
          : [];
      }),
    ];
  }
}

function wishMistakes(waiver: Waiver, { name, profile }: Guarding['namespace']): readonly Diagnostic[] {
  const { rule, from, lasts } = waiver;
  const { waivable } = profile;
  if (waivable?.rules.includes(rule) !== true)
    return [problem('TRY-SEC-050', from, { rule, profile: profile.name, namespace: name })];
  const longest = Number(waivable.atMost.slice(0, -1)) * (units[waivable.atMost.slice(-1)] ?? day);
  if (lasts <= longest) return [];
  const days = Math.ceil(lasts / day);
  return [problem('TRY-SEC-051', from, { days, atMost: waivable.atMost, profile: profile.name })];
}
