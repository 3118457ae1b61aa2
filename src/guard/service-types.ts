import { at, labels, listAt, platformTenant, stringAt } from '../lib/index.ts';
import { groupOf, type KubeObject } from '../objects/index.ts';
import type { GuardSpec } from './policies/guard.ts';
import type { Violation } from './violation.ts';

const innerTypes: ReadonlySet<string> = new Set(['ClusterIP', 'ExternalName']);

/** What a DaemonSet breaks in a namespace with these labels; nothing for other kinds. A policy of every cluster says the same. */
export function daemonViolations(
  object: KubeObject,
  marks: Readonly<Record<string, string>>,
): readonly Violation[] {
  if (object.kind !== 'DaemonSet' || groupOf(object.apiVersion) !== 'apps') return [];
  if (marks[labels.managed] !== 'true' || (marks[labels.tenant] ?? platformTenant) === platformTenant)
    return [];
  return [
    {
      rule: 'TRY-SEC-041',
      sentence: `TRY-SEC-041 only the platform may have DaemonSets: ${object.metadata.name}`,
      field: '',
      places: [],
      decided: [],
      waivers: [],
    },
  ];
}

/** What a Service breaks of a Guard; nothing for other kinds. */
export function serviceViolations(object: KubeObject, guard: GuardSpec): readonly Violation[] {
  if (object.kind !== 'Service' || object.apiVersion !== 'v1') return [];
  const { name, namespace = '' } = object.metadata;
  const type = stringAt(object, 'spec', 'type') ?? 'ClusterIP';
  const isAllowed = innerTypes.has(type) || guard.serviceTypes.includes(type);
  const addresses = listAt(object, 'spec', 'externalIPs');
  const typed: Violation = {
    rule: 'TRY-SEC-042',
    sentence: `TRY-SEC-042 its namespace may not have Services of type ${type}: ${name}`,
    field: 'serviceTypes',
    places: [{ path: ['spec', 'type'], actual: type, fix: 'ClusterIP' }],
    decided: [{ of: 'Namespace', name: namespace, path: ['serviceTypes'] }],
    waivers: [],
  };
  const addressed: Violation = {
    rule: 'TRY-SEC-043',
    sentence: `TRY-SEC-043 Services may not have externalIPs: ${name}`,
    field: '',
    places: [{ path: ['spec', 'externalIPs'], actual: at(object, 'spec', 'externalIPs'), fix: null }],
    decided: [],
    waivers: [],
  };
  return [...(isAllowed ? [] : [typed]), ...(addresses.length === 0 ? [] : [addressed])];
}
