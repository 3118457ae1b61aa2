import {
  diagnosticTextOf,
  isDiagnosticCode,
  listAt,
  listed,
  nearest,
  platformTenant,
  problem,
  stringAt,
  warning,
  type Diagnostic,
} from '../lib/index.ts';
import { everyPodRule } from '../guard/index.ts';
import { ownerName, podSpecOf, refOf, titleOf, type Manifest } from '../objects/index.ts';
import { type Cluster, type Fleet, type Waiver } from '../spec/index.ts';
import type { Guarding } from './guarding.ts';
import { ceilingOf } from './namespaces.ts';
import type { Judged } from './refused-pods.ts';
import { isWaivable, lengthMistake } from './waiver-terms.ts';

const podRuleCodes: ReadonlySet<string> = new Set(everyPodRule.map(({ code }) => code));

const waivableCodes: ReadonlySet<string> = new Set([...podRuleCodes, 'TRY-OBJ-005']);

/** What was compiled for one cluster, and what its guards say of it. */
interface Compiled {
  readonly cluster: Cluster;
  readonly manifests: readonly Manifest[];
  readonly judged: readonly Judged[];
}

interface Unwaivable {
  readonly waiver: Waiver;
  readonly profile: string;
  readonly namespaces: Set<string>;
}

/** Whether Waivers are for something, may be, and let in nothing else; told once every cluster was looked at. */
export class UsedWaivers {
  readonly #fleet: Fleet;
  readonly #used = new Set<string>();
  readonly #found: Diagnostic[] = [];
  /** By Waiver and profile that does not let its rule be waived. */
  readonly #unwaivable = new Map<string, Unwaivable>();
  /** By Waiver: objects of other owners that it lets in too. */
  readonly #others = new Map<string, string>();

  /** By Waiver: what it does to Pod Security of namespaces. */
  readonly #opened = new Map<string, string>();
  /** By Waiver: a team that may write any pod that it lets in. */
  readonly #teams = new Map<string, string>();

  /** By Waiver that names a container: the containers of the pods that it is for. */
  readonly #containers = new Map<string, Set<string>>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  on(guardings: ReadonlyMap<string, Guarding>, { cluster, manifests, judged }: Compiled): void {
    const waivers = new Map(this.#fleet.waivers.map((waiver) => [waiver.name, waiver]));
    for (const guarding of guardings.values()) {
      const { namespace, wish } = guarding;
      this.#noteOpened(namespace);
      this.#noteTeams(namespace, wish);
      for (const name of new Set(namespace.waivers.map((one) => one.name))) {
        const waiver = waivers.get(name);
        if (waiver !== undefined) this.#hold(waiver, guarding);
      }
    }
    this.#collectContainers(manifests, cluster);
    for (const { manifest, verdict } of judged) {
      const names = verdict.waived.flatMap((one) => one.waivers);
      for (const name of new Set(names)) this.#use(waivers.get(name), manifest);
    }
  }

  #noteOpened({ name, profile, serviceAccounts, waivers }: Guarding['namespace']): void {
    const before = ceilingOf({ profile, serviceAccounts, waivers: [] });
    for (const waiver of waivers) {
      const after = ceilingOf({ profile, serviceAccounts, waivers: [waiver] });
      if (after !== before)
        this.#opened.set(waiver.name, `namespace ${name}: Pod Security enforce ${before} -> ${after}`);
    }
  }

  // An account of the App's own must be named: nobody comes by it unawares.
  #noteTeams({ waivers }: Guarding['namespace'], { name, editors }: Guarding['wish']): void {
    const [team] = editors;
    if (team === undefined) return;
    for (const waiver of waivers.filter((one) => ['', 'default'].includes(one.serviceAccount))) {
      const pods = waiver.serviceAccount === '' ? 'any pod' : 'any pod of service account default';
      const which = waiver.container === '' ? pods : `container ${waiver.container} of ${pods}`;
      this.#teams.set(waiver.name, `it lets in ${which} that team ${team} may write in namespace ${name}`);
    }
  }

  #hold(waiver: Waiver, { namespace: { name, profile }, trial }: Guarding): void {
    const profiles = [profile, ...(trial === undefined ? [] : [trial.namespace.profile])];
    const allowing = profiles.find((one) => isWaivable(waiver, one));
    const mistake = allowing === undefined ? undefined : lengthMistake(waiver, allowing);
    if (allowing === undefined) {
      const key = JSON.stringify([waiver.name, profile.name]);
      const { namespaces } = this.#unwaivable.get(key) ?? { namespaces: new Set() };
      this.#unwaivable.set(key, { waiver, profile: profile.name, namespaces: namespaces.add(name) });
    } else if (mistake !== undefined) this.#found.push(mistake);
  }

  #collectContainers(manifests: readonly Manifest[], cluster: Cluster): void {
    for (const { name, target } of this.#fleet.waivers) {
      if (target.container === undefined || (target.cluster ?? cluster.name) !== cluster.name) continue;
      const found = manifests.filter((one) => isMeant(one, target)).flatMap(containersOf);
      this.#containers.set(name, new Set([...(this.#containers.get(name) ?? []), ...found]));
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
      ...[...this.#unwaivable.values()].map(({ waiver: { rule, locate }, profile, namespaces }) =>
        problem('TRY-SEC-050', locate(['rule']), { rule, profile, namespace: listed([...namespaces]) }),
      ),
      ...this.#found,
      ...ruleMistakes(this.#fleet),
      ...ownerMistakes(this.#fleet),
      ...ours.filter(({ name }) => !this.#used.has(name)).map((one) => this.#idle(one)),
      ...ours.filter(({ name }) => this.#used.has(name)).flatMap((one) => spareOf(one, ours)),
      ...ours.flatMap((one) => {
        const what = this.#tooMuch(one);
        return what === undefined ? [] : [warning('TRY-SEC-053', one.from, { what, ...narrower(one) })];
      }),
    ];
  }

  #tooMuch({ name, target }: Waiver): string | undefined {
    const other = this.#others.get(name);
    if (other !== undefined)
      return `it lets ${other} in too, which has the same service account and is not of App ${target.app ?? ''}`;
    if (target.app === undefined && target.namespace === undefined)
      return 'it names neither an App nor a namespace';
    // One that nothing needs is to go anyway.
    return this.#used.has(name) ? this.#teams.get(name) : undefined;
  }

  #idle({ name, from, rule, target }: Waiver): Diagnostic {
    const names = this.#containers.get(name) ?? new Set<string>();
    const wanted = target.container ?? '';
    const missing = names.has(wanted) ? '' : wanted;
    const suggestion = missing === '' ? '' : (nearest(missing, names) ?? '');
    const opened = this.#opened.get(name) ?? '';
    return warning('TRY-SEC-052', from, { rule, missing, suggestion, opened, other: '' });
  }
}

/** What is left to do, so that a Waiver lets in no more than it is for. */
function narrower({ target: { app, namespace } }: Waiver): { readonly next: string } {
  if (app !== undefined) return { next: `give the pods of App ${app} a service account of their own` };
  return namespace === undefined
    ? { next: 'name one' }
    : { next: 'name an App whose pods have a service account of their own' };
}

/** Told of a Waiver where another lets the same in at least as long; of two that are the same, of the second. */
function spareOf(waiver: Waiver, all: readonly Waiver[]): readonly Diagnostic[] {
  const other = all.find(
    (one) =>
      one !== waiver && isCoveredBy(waiver, one) && !(isCoveredBy(one, waiver) && isFirst(waiver, one, all)),
  );
  if (other === undefined) return [];
  const place = `Waiver/${other.name} (${other.from.file}:${other.from.line})`;
  const { rule } = waiver;
  return [
    warning('TRY-SEC-052', waiver.from, { rule, missing: '', suggestion: '', opened: '', other: place }),
  ];
}

function isFirst(left: Waiver, right: Waiver, all: readonly Waiver[]): boolean {
  return all.indexOf(left) < all.indexOf(right);
}

function isCoveredBy(waiver: Waiver, { rule, target, lasts }: Waiver): boolean {
  const fields = ['app', 'namespace', 'cluster', 'container'] as const;
  return (
    rule === waiver.rule &&
    lasts >= waiver.lasts &&
    fields.every((field) => target[field] === undefined || target[field] === waiver.target[field])
  );
}

function isMeant({ object, owner }: Manifest, { app, namespace }: Waiver['target']): boolean {
  const isOfApp = app === undefined || ownerName(owner) === `App/${app}`;
  return isOfApp && (namespace === undefined || object.metadata.namespace === namespace);
}

function containersOf({ object }: Manifest): readonly string[] {
  const spec = podSpecOf(object);
  return ['initContainers', 'containers', 'ephemeralContainers']
    .flatMap((list) => listAt(spec, list))
    .flatMap((container) => stringAt(container, 'name') ?? []);
}

/** Rules that Waivers name or profiles let be waived, and that are none or cannot be. */
function ruleMistakes(fleet: Fleet): readonly Diagnostic[] {
  const waivers = [...fleet.waivers, ...(fleet.leftOut?.waivers ?? [])].flatMap(({ rule, locate }) =>
    rule === undefined || locate === undefined ? [] : [{ rule, from: locate(['rule']), where: '' }],
  );
  const profiles = [...fleet.profiles.values()].flatMap(({ place, waivable }) =>
    (waivable?.rules ?? []).map((rule, index) => ({
      rule,
      from: place.locate(['waivable', 'rules', index]),
      where: 'waivable.rules: ',
    })),
  );
  return [...waivers, ...profiles]
    .filter(({ rule }) => !waivableCodes.has(rule))
    .map(({ rule, from, where }) => {
      const title = isDiagnosticCode(rule) ? diagnosticTextOf(rule).title : '';
      return problem('TRY-SEC-054', from, { rule, title, where });
    });
}

function ownerMistakes(fleet: Fleet): readonly Diagnostic[] {
  const teams = [...fleet.tenants.values()].flatMap(({ on }) =>
    [...on.values()].flatMap((one) => one.teams.map(({ name }) => name)),
  );
  const known = new Set([platformTenant, ...teams]);
  return fleet.waivers
    .filter(({ owner }) => !known.has(owner))
    .map(({ owner, locate }) =>
      warning('TRY-SEC-055', locate(['owner']), { owner, suggestion: nearest(owner, known) ?? '' }),
    );
}
