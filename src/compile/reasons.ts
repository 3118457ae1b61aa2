import { at, type Reason } from '../lib/index.ts';
import type { DecidingField } from '../guard/index.ts';
import { reasonIn, type Fleet } from '../spec/index.ts';
import { wishesOn, type NamespaceWish } from './guarding.ts';
import { quotaKey } from './quota.ts';

type Whole = Pick<NamespaceWish, 'whole' | 'base'>;

/** What the fleet says in fields that decide on a cluster, and in which lines; what no document says is left out. */
export function reasonsOn(
  fleet: Fleet,
  cluster: string,
): (fields: readonly DecidingField[]) => readonly Reason[] {
  let wishes: ReadonlyMap<string, NamespaceWish> | undefined;
  const wholeOf = ({ of, name }: DecidingField): Whole | undefined => {
    if (of === 'SecurityProfile') {
      const profile = fleet.profiles.get(name);
      return profile === undefined ? undefined : { whole: profile, base: [] };
    }
    wishes ??= new Map(wishesOn(fleet, cluster).map((wish) => [wish.name, wish]));
    return wishes.get(name);
  };
  return (fields) =>
    fields.flatMap((field) => {
      const found = wholeOf(field);
      const subject = `${field.of}/${field.name}`;
      return found === undefined ? [] : [reasonIn({ subject, ...found }, writtenPath(field, found))];
    });
}

function writtenPath({ path }: DecidingField, { whole, base }: Whole): readonly string[] {
  const [field = '', resource = '', ...more] = path;
  return field === 'quota' ? [field, quotaKey(resource, at(whole, ...base, field)), ...more] : path;
}
