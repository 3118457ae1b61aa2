import type { Crossing, Doubt, Restriction, Side } from './evaluation.ts';
import { connectionsText, intersectionOf, isNone, type Connections } from './ports.ts';

/** unknown: with what is known it may pass, or may not. */
export type ReachVerdict = 'allowed' | 'refused' | 'unknown';

/** Policies of each side that made the answer what it is. */
export interface Deciding {
  readonly egress: readonly Restriction[];
  readonly ingress: readonly Restriction[];
}

/** An answer before it is told. */
interface Decided {
  readonly verdict: ReachVerdict;
  readonly refusedBy: 'egress' | 'ingress' | 'both' | undefined;
  readonly crossing: Crossing;
  readonly deciding: Deciding;
  readonly asked: Connections;
}

const doubtTexts: Readonly<Record<Doubt, string>> = {
  'ip-block':
    'an ipBlock holds addresses that pods may have, and whether it is about pods is left to the network plugin',
  addresses: 'an ipBlock decides, and the addresses are not known',
  'node-network':
    'a pod on the node’s network: most network plugins take it for its node, which policies are not about',
  labels: 'labels decide that are not known',
  'named-port': 'a port is named, and the containers are not known',
};

/** One sentence that says why the answer is what it is. */
export function reasonOf(decided: Decided): string {
  if (decided.verdict === 'allowed') return allowedText(decided);
  if (decided.verdict === 'refused') return refusedText(decided);
  return [...decided.crossing.doubts].map((doubt) => doubtTexts[doubt]).join('; ');
}

function allowedText({ crossing, deciding }: Decided): string {
  const out = sideText(crossing.egress, deciding.egress, 'egress');
  const into = sideText(crossing.ingress, deciding.ingress, 'ingress');
  return `${out}, ${into}`;
}

function sideText(side: Side, letting: readonly Restriction[], way: 'egress' | 'ingress'): string {
  if (side.restrictions.length === 0) return `no policy restricts ${way}`;
  if (letting.length === 0) return `${way} passes whichever policies select the pod`;
  return `${way} by ${namesOf(letting)}`;
}

function refusedText({ crossing, refusedBy, asked }: Decided): string {
  const { egress, ingress } = crossing;
  const isApart = [egress, ingress].every((side) => !isNone(intersectionOf(side.possible, asked)));
  if (isApart) {
    const [out = '', into = ''] = [egress, ingress].map((side) =>
      connectionsText(intersectionOf(side.possible, asked)),
    );
    return `egress lets out ${out}, ingress lets in ${into}: nothing passes both`;
  }
  return [
    ...(refusedBy === 'ingress' ? [] : [`egress: ${noneOf(egress)} lets it out`]),
    ...(refusedBy === 'egress' ? [] : [`ingress: ${noneOf(ingress)} lets it in`]),
  ].join('; ');
}

function noneOf({ restrictions }: Side): string {
  return restrictions.length === 1
    ? `no rule of ${namesOf(restrictions)}`
    : `none of the policies ${namesOf(restrictions)}`;
}

const shown = 3;

function namesOf(restrictions: readonly Restriction[]): string {
  const names = [...new Set(restrictions.map(({ policy }) => policy.name))].sort();
  const more = names.length > shown ? ` and ${names.length - shown} more` : '';
  return `${names.slice(0, shown).join(', ')}${more}`;
}
