import { keyOf, refOf, titleOf, webhookRisks, type Manifest } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import { isWrite, type Change } from './change.ts';
import { graphOf } from '../order/graph.ts';

/** What to know of the order, the webhooks and the filled fields of objects that are about to be written: told then, not at every plan. */
export function orderNotes(bundle: Bundle, changes: readonly Change[]): readonly string[] {
  const written = new Set(changes.filter(isWrite).map((change) => keyOf(change.subject)));
  if (written.size === 0) return [];
  const notes = [
    ...graphOf(bundle.manifests, bundle.needs).notes,
    ...webhookRisks(bundle.manifests.map((manifest) => manifest.object)),
  ];
  return [
    ...notes.filter((note) => written.has(note.key)).map((note) => note.why),
    ...bundle.manifests.filter(({ object }) => written.has(keyOf(refOf(object)))).flatMap(filledNote),
  ];
}

/** What of a pod is its profile's word, not its manifest's. */
function filledNote({ object, filled = [] }: Manifest): readonly string[] {
  return filled.length === 0
    ? []
    : [`${titleOf(refOf(object))}: its profile fills what the pod does not say: ${filled.join(', ')}`];
}
