import type { PlanInput } from './change.ts';

/** Without limits in the Fleet: more than this many objects, and at least half of an owner's, are a mistake. */
const brakeObjects = 10;
const brakeShare = 0.5;
/** From this many objects that are replaced by others altogether, the source is likely to be another one. */
const wholeFrom = 5;

/** What an owner would lose on one cluster. */
export interface Loss {
  readonly name: string;
  readonly cluster: string;
  readonly deletions: number;
  /** Objects that its inventory lists. */
  readonly listed: number;
  /** Something that is listed is wanted still. */
  readonly keepsSome: boolean;
  /** The bundle has objects of it. */
  readonly isRendered: boolean;
}

/** Why an owner may not lose that much without being named; undefined: it may. */
export function brakeOf(
  loss: Loss,
  input: Pick<PlanInput, 'owners' | 'selecting' | 'prune'>,
): string | undefined {
  if (loss.deletions === 0) return undefined;
  return emptyRender(loss, input) ?? leaving(loss, input) ?? excess(loss, input.prune);
}

// A document that stands and selects the cluster wants something there: nothing at all is a slip of a path or a condition.
function emptyRender(loss: Loss, input: Pick<PlanInput, 'selecting'>): string | undefined {
  const isSelected = input.selecting?.get(loss.name)?.has(loss.cluster) === true;
  if (!isSelected || loss.keepsSome) return undefined;
  if (loss.isRendered && loss.deletions < wholeFrom) return undefined;
  return loss.isRendered
    ? `${loss.name} renders to other objects and to none of the ${loss.deletions} that it has here: look whether its source is the right one`
    : `${loss.name} still has a document that selects this cluster, and it renders to nothing: all of its ${loss.deletions} objects would go. Look at its source`;
}

// A document that went says so itself; one that stands and selects the cluster no more may be a slip in a label.
function leaving(loss: Loss, input: Pick<PlanInput, 'owners'>): string | undefined {
  return !loss.isRendered && input.owners.has(loss.name)
    ? `${loss.name} leaves this cluster and loses all of its ${loss.deletions} objects`
    : undefined;
}

function excess({ name, deletions, listed }: Loss, prune: PlanInput['prune']): string | undefined {
  const said = `${name} loses ${deletions} of ${listed} objects`;
  const { atMost, atMostObjects } = prune ?? {};
  if (atMost === undefined && atMostObjects === undefined)
    return deletions > brakeObjects && deletions >= listed * brakeShare ? said : undefined;
  const limit = Math.min(countOf(atMost, listed), atMostObjects ?? Infinity);
  if (deletions <= limit) return undefined;
  const limits = [
    ...(atMost === undefined ? [] : [`atMost: ${atMost}`]),
    ...(atMostObjects === undefined ? [] : [`atMostObjects: ${atMostObjects}`]),
  ];
  return `${said}, and Fleet.spec.prune lets ${limit} go at once (${limits.join(', ')})`;
}

/** A share rounds down, at least 1: the last object of a small owner may go too. A share of 0% is none. */
function countOf(atMost: string | number | undefined, listed: number): number {
  if (atMost === undefined) return Infinity;
  if (typeof atMost === 'number') return atMost;
  const percent = Number.parseInt(atMost, 10);
  return percent === 0 ? 0 : Math.max(1, Math.floor((percent * listed) / 100));
}
