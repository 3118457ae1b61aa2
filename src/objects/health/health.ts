import { at, type Instant } from '../../lib/index.ts';
import { groupOf, isBuiltIn, type KubeObject } from '../manifest.ts';
import { builtInRows, type Row } from './built-in.ts';
import { catalogueRows, storedKinds } from './catalogue.ts';
import { operatorRows } from './operators.ts';
import { byConvention, hasStatus } from './generic.ts';
import { healthy, progressing, unsure, type Health, type Rule } from './state.ts';

/** Every kind with a rule of its own, and when it is healthy. */
export const healthRows: readonly Row[] = [...builtInRows, ...catalogueRows, ...operatorRows];

const rulesOf = (rows: readonly Row[]): ReadonlyMap<string, Rule> =>
  new Map(rows.flatMap(({ kinds, rule }) => kinds.map((kind) => [kind, rule] as const)));
const ownRules = rulesOf(builtInRows);
const customRules = rulesOf([...catalogueRows, ...operatorRows]);
const stored = new Set(storedKinds);

/** The health of an object as the API server has it. `now` only tells a pod that waits for a node from one that waits long. */
export function healthOf(object: KubeObject, now?: Instant): Health {
  if (object.metadata['deletionTimestamp'] !== undefined) return progressing('is being deleted');
  if (isStale(object)) return progressing('its controller has not seen the change yet');
  const own = ownRules.get(`${groupOf(object.apiVersion)}/${object.kind}`);
  if (own !== undefined) return own(object, now) ?? healthy();
  return hasStatus(object) ? withStatus(object, now) : withoutStatus(object);
}

function withStatus(object: KubeObject, now: Instant | undefined): Health {
  return customRuleFor(object)?.(object, now) ?? byConvention(object, now) ?? healthy();
}

// Of Kubernetes' own kinds nobody writes a status that has none; of others somebody may be about to.
function withoutStatus(object: KubeObject): Health {
  const group = groupOf(object.apiVersion);
  if (['', '/*'].some((kind) => stored.has(`${group}${kind === '' ? `/${object.kind}` : kind}`)))
    return healthy();
  const isOwn = isBuiltIn(object) && !outsideGroups.has(group);
  return isOwn ? healthy() : unsure('nothing has written its status');
}

/** Groups that end in k8s.io and still come with definitions of their own. */
const outsideGroups = new Set([
  'gateway.networking.k8s.io',
  'snapshot.storage.k8s.io',
  'certmanager.k8s.io',
  'policy.networking.k8s.io',
]);

function customRuleFor(object: KubeObject): Rule | undefined {
  const group = groupOf(object.apiVersion);
  const parent = group.slice(group.indexOf('.'));
  const keys = [`${group}/${object.kind}`, `${group}/*`, `*${parent}/*`];
  return keys.map((key) => customRules.get(key)).find((rule) => rule !== undefined);
}

// Some controllers write the generation as text; what is no number says nothing.
function isStale(object: KubeObject): boolean {
  const observed = Number(at(object, 'status', 'observedGeneration') ?? Number.NaN);
  const generation = Number(at(object, 'metadata', 'generation') ?? Number.NaN);
  return observed < generation;
}
