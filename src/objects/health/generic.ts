import { at, booleanAt, isObject, listAt, numberAt, objectAt, stringAt } from '../../lib/index.ts';
import type { KubeObject } from '../manifest.ts';
import { conditionsOf, whyOfCondition, type Condition } from './conditions.ts';
import { failed, firstOf, healthy, progressing, suspended, unsure, type Health, type Rule } from './state.ts';
import { byGatewayApi } from './gateway-api.ts';
import { worst, worstOf } from './worst.ts';
import { healthOfPhase, isBad, messageOf } from './words.ts';

/** What the conventions of the Kubernetes API say about any object with a status; nothing of one kind in particular. */
export const byConvention: Rule = firstOf(pausedBySpec, byGatewayApi, byStatus, byCounts, byFlags, byNothing);

/** The worst of what conditions and the phase say; of one that is paused, that it is. */
function byStatus(object: KubeObject): Health | undefined {
  const found = [byConditions(object), byPhase(object), byError(object)].filter((one) => one !== undefined);
  return found.find(({ isSuspended }) => isSuspended) ?? worstOf(found);
}

/** Stopped by its own spec. */
function pausedBySpec(object: KubeObject): Health | undefined {
  const field = ['paused', 'suspend', 'suspended'].find((name) => booleanAt(object, 'spec', name) === true);
  if (field === undefined) return undefined;
  return suspended(field === 'paused' ? 'paused' : 'suspended');
}

/** Conditions that say by their name that something is wrong, or stopped, when they are True. */
const failures =
  /^(.*Fail(ed|ure)|.*Errors?|ErrorOccurred|.*Terminal|Stalled|Degraded|Invalid(Spec)?|NotReady|Orphan)$/;
const negative = /Fail|Error|Invalid|Unhealthy|Degraded|Stalled|Terminal|NotReady|Missing|Pending|Conflict/;
const pauses = /^(Paused|Suspended)$/;
/** Conditions that sum up the others, where there is no Ready. */
const summaries =
  /^(Succeeded|Compliant|Established|Completed?|Accepted|Programmed|ResolvedRefs|Valid|Promoted|Installed|Provisioned|Bound|Created|Applied|Configured|Initialized|Successful|ResourcesApplied|.*Available|.*Healthy|.*Deployed)$/;
const synced = /(Synced|Synchronized|InSync|UpToDate)$/;

/** By conditions: a failure first, then what is paused, then Ready or what stands for it. */
function byConditions(object: KubeObject): Health | undefined {
  const conditions = conditionsOf(object);
  const isTrue = (pattern: RegExp): Condition | undefined =>
    conditions.find((one) => one.status === 'True' && pattern.test(one.type));
  const failure =
    isTrue(failures) ??
    conditions.find((one) => one.type === 'Progressing' && one.status === 'False' && isBad(one.reason));
  if (failure !== undefined) return failed(whyOfCondition(failure));
  const pause = isTrue(pauses);
  if (pause !== undefined) return suspended(whyOfCondition(pause));
  const health = worst(
    [...summaryOf(conditions), ...conditions.filter(({ type }) => synced.test(type))],
    object,
  );
  const busy = isTrue(/^(Reconciling|.*Updating|In-?progress)$/i);
  return busy !== undefined && health?.state !== 'failed' ? progressing(whyOfCondition(busy)) : health;
}

function summaryOf(conditions: readonly Condition[]): readonly Condition[] {
  const ready = conditions.filter(({ type }) => type === 'Ready');
  return ready.length > 0 ? ready : conditions.filter(({ type }) => summaries.test(type));
}

const phaseFields = new Set(['phase', 'state', 'status', 'health', 'currentState', 'currentStatus']);
const phaseLike = /(phase|state|status|health|compliant)$/i;

/** By the fields that name a phase, read by their words: the worst of them. Other fields named so count where their word is known. */
function byPhase(object: KubeObject): Health | undefined {
  const found = Object.keys(objectAt(object, 'status'))
    .filter((name) => phaseLike.test(name))
    .map((name) => ({ name, health: ofPhase(object, name) }))
    .filter(({ name, health }) => health?.state !== 'unknown' || phaseFields.has(name))
    .flatMap(({ health }) => health ?? []);
  return found.find(({ isSuspended }) => isSuspended) ?? worstOf(found);
}

function ofPhase(object: KubeObject, name: string): Health | undefined {
  const word = stringAt(object, 'status', name) ?? '';
  return word === '' ? undefined : healthOfPhase(word, messageOf(object) ?? `${name} is ${word}`);
}

function byError(object: KubeObject): Health | undefined {
  const names = ['error', 'errorMessage', 'failureMessage', 'errMsg'];
  const texts = names.map(
    (name) => stringAt(object, 'status', name) ?? stringAt(object, 'status', name, 'message'),
  );
  const text = texts.find((one) => one !== undefined && one !== '');
  return text === undefined ? undefined : failed(text);
}

function byCounts(object: KubeObject): Health | undefined {
  const ready = numberAt(object, 'status', 'readyReplicas');
  const wanted = numberAt(object, 'spec', 'replicas') ?? numberAt(object, 'status', 'replicas');
  if (ready === undefined || wanted === undefined) return undefined;
  return ready < wanted
    ? progressing(`${ready} of ${wanted} are ready`)
    : healthy(`${wanted} of ${wanted} ready`);
}

function byFlags(object: KubeObject): Health | undefined {
  if (booleanAt(object, 'status', 'healthy') === false)
    return failed(messageOf(object) ?? 'healthy is false');
  const field = ['ready', 'healthy', 'readyToUse'].find(
    (name) => booleanAt(object, 'status', name) !== undefined,
  );
  if (field === undefined) return undefined;
  return booleanAt(object, 'status', field) === true
    ? healthy()
    : progressing(messageOf(object) ?? `${field} is false`);
}

// Conditions that all say "nothing is wrong" are health; others mean something to those who know the kind.
function byNothing(object: KubeObject): Health | undefined {
  const telling = conditionsOf(object).filter((one) => !(one.status === 'False' && negative.test(one.type)));
  if (telling.length === 0) return undefined;
  return unsure(
    `no condition sums it up: ${telling.map((one) => `${one.type} is ${one.status}`).join(', ')}`,
  );
}

/** True where a controller has written something about the object besides which generation it saw. */
export function hasStatus(object: KubeObject): boolean {
  const status = at(object, 'status');
  if (!isObject(status)) return false;
  if (listAt(status, 'conditions').length > 0) return true;
  return Object.keys(status).some((key) => key !== 'conditions' && key !== 'observedGeneration');
}
