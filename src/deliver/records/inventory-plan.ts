import { labels, stringsAt, type Known } from '../../lib/index.ts';
import {
  inventoryName,
  keyOf,
  ownerFrom,
  ownerLabel,
  ownerName,
  refOf,
  titleOf,
  type KubeObject,
  type Owner,
  type RefKey,
} from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import {
  isMarked,
  recordFrom,
  uidOf,
  type Inventory,
  type InventoryItem,
  type Member,
  type Shelf,
} from '../../world/index.ts';
import { isPassing, isRobbed } from '../plan/object-plan.ts';

/** Something about the inventories of a cluster that is not as it should be. */
export interface InventoryFinding {
  /** copied: for information, nothing is wrong with the inventories. unmarked: what is wrong is the object. */
  readonly what:
    | 'unlisted'
    | 'gone'
    | 'replaced'
    | 'not-ours'
    | 'unmarked'
    | 'damaged'
    | 'lost'
    | 'unknown-owner'
    | 'copied';
  readonly owner: string;
  /** `ConfigMap/shop-web/a`; the inventory itself where all of it is meant. */
  readonly object: string;
  readonly why: string;
}

/** All that inventories are checked against. */
export interface InventoryInput {
  readonly fleet: string;
  readonly bundle: Bundle;
  readonly shelf: Shelf;
  readonly members: readonly Member[];
  /** What inventories list, as it is there. */
  readonly live: ReadonlyMap<RefKey, Known<KubeObject | undefined>>;
  /** Listed objects that somebody took the mark from, with the name of their owner. */
  readonly unmarked: ReadonlyMap<RefKey, string>;
}

/** What is wrong, and the inventories as they should be: only those that have to be written. */
export interface InventoryCheck {
  readonly findings: readonly InventoryFinding[];
  readonly repaired: readonly Inventory[];
  /** Objects that controllers made and copied our labels to. */
  readonly controlled: number;
}

/** Compares what inventories list with what carries our marks. Pure. */
export function checkInventories(input: InventoryInput): InventoryCheck {
  const own = input.members.filter((member) => !member.isControlled);
  const checker = new Checker(input, own);
  for (const member of own) checker.checkMember(member);
  for (const damaged of input.shelf.damaged) checker.checkDamaged(damaged);
  for (const inventory of input.shelf.whole) checker.checkListed(inventory);
  checker.checkLost();
  return {
    findings: checker.findings,
    repaired: checker.repaired(),
    controlled: input.members.length - own.length,
  };
}

type Trouble = Pick<InventoryFinding, 'what' | 'why'>;

class Checker {
  readonly findings: InventoryFinding[] = [];
  readonly #input: InventoryInput;
  readonly #own: ReadonlyMap<RefKey, Member>;
  readonly #wanted: ReadonlyMap<RefKey, KubeObject>;
  readonly #listed: ReadonlySet<RefKey>;
  readonly #owners: ReadonlyMap<string, Owner>;
  readonly #known: ReadonlyMap<string, Inventory>;
  /** Owner's name -> items as they should be. */
  readonly #items = new Map<string, Map<RefKey, InventoryItem>>();
  readonly #changed = new Set<string>();
  readonly #damaged = new Map<string, KubeObject>();

  constructor(input: InventoryInput, own: readonly Member[]) {
    const { bundle, shelf } = input;
    this.#input = input;
    this.#own = new Map(own.map((member) => [keyOf(member.ref), member]));
    this.#wanted = new Map(bundle.manifests.map(({ object }) => [keyOf(refOf(object)), object]));
    this.#listed = new Set(shelf.whole.flatMap(({ items }) => items.map((item) => keyOf(item.ref))));
    const owners = [...bundle.manifests.map((one) => one.owner), ...shelf.whole.map((one) => one.owner)];
    this.#owners = new Map(owners.map((owner) => [ownerLabel(owner), owner]));
    this.#known = new Map(shelf.whole.map((one) => [ownerName(one.owner), one]));
  }

  #itemsOf(name: string): Map<RefKey, InventoryItem> {
    const items = this.#items.get(name) ?? new Map<RefKey, InventoryItem>();
    this.#items.set(name, items);
    return items;
  }

  #find(what: InventoryFinding['what'], owner: string, object: string, why: string): void {
    this.findings.push({ what, owner, object, why });
  }

  checkMember(member: Member): void {
    const title = titleOf(member.ref);
    const key = keyOf(member.ref);
    const owner = this.#owners.get(member.ownerLabel) ?? ownerOfLabel(member.ownerLabel);
    if (!member.isApplied) {
      this.#find(
        'copied',
        member.ownerLabel,
        title,
        'carries our labels and was never applied by this fleet: it is nobody’s',
      );
      return;
    }
    if (owner === undefined) {
      if (!this.#input.unmarked.has(key))
        this.#find('unknown-owner', member.ownerLabel, title, 'its owner cannot be told from its label');
      return;
    }
    const name = ownerName(owner);
    this.#itemsOf(name).set(key, { ref: member.ref, uid: member.uid });
    const isListed = this.#known.get(name)?.items.some((item) => keyOf(item.ref) === key) === true;
    if (isListed) return;
    this.#changed.add(name);
    if (this.#known.has(name) && !this.#wanted.has(key) && !this.#listed.has(key))
      this.#find(
        'unlisted',
        name,
        title,
        'has our marks, and no inventory lists it: nothing would ever delete it',
      );
  }

  checkDamaged(object: KubeObject): void {
    const label = object.metadata.name.slice(object.metadata.name.indexOf('.') + 1);
    const owner = this.#owners.get(label) ?? ownerOfLabel(label);
    const name = owner === undefined ? label : ownerName(owner);
    const title = titleOf(refOf(object));
    this.#find('damaged', name, title, 'was changed by hand and cannot be read');
    if (owner === undefined) return;
    this.#itemsOf(name);
    this.#changed.add(name);
    this.#damaged.set(name, object);
  }

  checkListed(inventory: Inventory): void {
    const name = ownerName(inventory.owner);
    const items = this.#itemsOf(name);
    for (const item of inventory.items) {
      const key = keyOf(item.ref);
      if (isRobbed({ subject: item.ref, owner: inventory.owner }, this.#input)) {
        items.set(key, item);
        this.#find('unmarked', name, titleOf(item.ref), this.#wanted.has(key) ? restored : kept);
        continue;
      }
      const trouble = this.#trouble(item, inventory.owner);
      if (trouble === undefined) {
        if (!items.has(key)) items.set(key, item);
        continue;
      }
      this.#find(trouble.what, name, titleOf(item.ref), trouble.why);
      this.#changed.add(name);
    }
  }

  #trouble(item: InventoryItem, owner: Owner): Trouble | undefined {
    const key = keyOf(item.ref);
    const live = this.#input.live.get(key);
    if (live?.is !== 'known') return undefined;
    if (live.value !== undefined)
      return this.#foreign(live.value, owner) ?? this.#replaced(item, uidOf(live.value));
    // What removed itself when it was done stays listed, so that it does not run again.
    const wanted = this.#wanted.get(key);
    return wanted !== undefined && isPassing(wanted)
      ? undefined
      : { what: 'gone', why: 'is listed, and is not there' };
  }

  #foreign(object: KubeObject, owner: Owner): Trouble | undefined {
    if (!isMarked(object, this.#input.fleet))
      return { what: 'not-ours', why: 'is listed, and has not our marks' };
    const label = object.metadata.labels?.[labels.owner];
    return label === ownerLabel(owner)
      ? undefined
      : { what: 'not-ours', why: `is listed here, and belongs to ${label ?? 'nobody'}` };
  }

  #replaced({ ref, uid }: InventoryItem, now: string): Trouble | undefined {
    if (uid === '' || uid === now) return undefined;
    const isApplied = this.#own.get(keyOf(ref))?.isApplied === true;
    const why = isApplied ? 'is listed with an old uid' : 'is listed, and another object has taken its name';
    return { what: 'replaced', why };
  }

  /** Owners that have objects here, and no inventory at all. */
  checkLost(): void {
    for (const [name, items] of this.#items) {
      if (this.#known.has(name) || this.#damaged.has(name)) continue;
      const owner = ownerFrom(name);
      const title = owner === undefined ? name : `ConfigMap/toryo-system/${inventoryName(owner)}`;
      const unwanted = [...items.keys()].filter((key) => !this.#wanted.has(key));
      const rest = unwanted.length === 0 ? '' : `, ${unwanted.length} of which the repository does not want`;
      this.#find('lost', name, title, `is not there, and ${name} has ${items.size} objects here${rest}`);
    }
  }

  repaired(): readonly Inventory[] {
    return [...this.#changed].sort().flatMap((name) => {
      const owner = ownerFrom(name);
      const known = this.#known.get(name);
      const items = [...this.#itemsOf(name).values()];
      const broken = this.#damaged.get(name);
      // What is wanted and not listed yet is the next apply's to list: that alone is no damage.
      const isAboutIt = this.findings.some(
        (one) => one.owner === name && one.what !== 'copied' && one.what !== 'unmarked',
      );
      if (owner === undefined || !isAboutIt) return [];
      const record = known?.record ?? recordFrom(stringsAt(broken, 'data')['record']);
      return [
        {
          owner,
          name: inventoryName(owner),
          digest: known?.digest ?? '',
          ...(record === undefined ? {} : { record }),
          items,
        },
      ];
    });
  }
}

const restored = 'mark missing: apply restores it';
const kept = 'mark missing, and the repository does not want it: it stays, and stays listed';

const kinds = { app: 'App', addon: 'Addon', tenant: 'Tenant' } as const;

/** `app.shop.web` read back; undefined for one that was cut because it was long. */
function ownerOfLabel(label: string): Owner | undefined {
  const [kind, ...names] = label.split('.');
  const word = kind === 'app' || kind === 'addon' || kind === 'tenant' ? kinds[kind] : undefined;
  const owner = word === undefined ? undefined : ownerFrom([word, ...names].join('/'));
  return owner !== undefined && ownerLabel(owner) === label ? owner : undefined;
}
