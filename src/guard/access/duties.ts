import { canonical, compareText } from '../../lib/index.ts';
import { escalationsOf, gathered, gravity, type EscalationKind } from './escalation.ts';
import { viaText, type Grant } from './grant.ts';
import { whoCan, type Holder, type Relation } from './relation.ts';
import { subjectKey, type Subject } from './subject.ts';
import { isAboutValues, secretsThroughPods } from './through-pods.ts';

/** One row of a page: who, where, what, and how it comes. */
export interface DutyRow {
  readonly subject: Subject;
  /** Empty: everywhere. */
  readonly namespaces: readonly string[];
  readonly what: readonly string[];
  readonly via: readonly string[];
}

/** One question of a page, and its answer. */
export interface Duty {
  readonly title: string;
  /** What counts as doing it. */
  readonly about: string;
  readonly rows: readonly DutyRow[];
}

/** A way from what one may do to what one may become, for a page. */
export interface EdgeRow extends DutyRow {
  readonly kind: EscalationKind;
  /** Only by objects of this name; undefined: of any. `what` says by which rights: `create pods/exec`. */
  readonly name?: string;
}

/** Who does what on a cluster, in the questions that people ask. */
export interface Duties {
  readonly duties: readonly Duty[];
  readonly escalations: readonly EdgeRow[];
}

interface Probe {
  readonly label: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

const probe = (label: string, verb: string, group: string, resource: string): Probe => {
  const [plural = '', subresource] = resource.split('/');
  return { label, verb, group, resource: plural, ...(subresource === undefined ? {} : { subresource }) };
};

const workloads: readonly (readonly [string, string])[] = [
  ['', 'pods'],
  ['apps', 'daemonsets'],
  ['apps', 'deployments'],
  ['apps', 'statefulsets'],
  ['batch', 'cronjobs'],
  ['batch', 'jobs'],
];

const ofClusters: readonly (readonly [string, string])[] = [
  ['', 'namespaces'],
  ['', 'nodes'],
  ['', 'persistentvolumes'],
  ['admissionregistration.k8s.io', 'validatingadmissionpolicies'],
  ['admissionregistration.k8s.io', 'validatingwebhookconfigurations'],
  ['apiextensions.k8s.io', 'customresourcedefinitions'],
  ['apiregistration.k8s.io', 'apiservices'],
  ['rbac.authorization.k8s.io', 'clusterrolebindings'],
  ['rbac.authorization.k8s.io', 'clusterroles'],
  ['storage.k8s.io', 'storageclasses'],
];

const writes = ['create', 'patch', 'update', 'delete'] as const;
// An answer to a patch, and to a deletion that waits for finalizers, holds the Secret: in a dry run too.
const reads = ['get', 'list', 'watch', 'patch', 'delete', 'deletecollection'] as const;

const questions: readonly {
  readonly title: string;
  readonly about: string;
  readonly probes: readonly Probe[];
  readonly isClusterWide?: boolean;
}[] = [
  {
    title: 'Who deploys',
    about: 'may make workloads',
    probes: workloads.map(([group, resource]) => probe(resource, 'create', group, resource)),
  },
  {
    title: 'Who operates apps',
    about: 'may act on what runs',
    probes: [
      probe('restart', 'patch', 'apps', 'deployments'),
      probe('scale', 'patch', 'apps', 'deployments/scale'),
      probe('delete pods', 'delete', '', 'pods'),
      probe('evict pods', 'create', '', 'pods/eviction'),
      probe('forward ports', 'create', '', 'pods/portforward'),
      probe('read logs', 'get', '', 'pods/log'),
    ],
  },
  {
    title: 'Who operates clusters',
    about: 'may change what belongs to no namespace',
    isClusterWide: true,
    probes: ofClusters.flatMap(([group, resource]) =>
      writes.map((verb) => probe(resource, verb, group, resource)),
    ),
  },
  {
    title: 'Who can read secrets',
    about:
      'may read values of Secrets; through pods: those that a pod of the namespace can mount or name in env',
    probes: reads.map((verb) => probe(verb, verb, '', 'secrets')),
  },
  {
    title: 'Who can run commands in pods',
    about: 'may exec, attach or add a container to debug',
    probes: [
      ...['create', 'get'].flatMap((verb) => [
        probe('exec', verb, '', 'pods/exec'),
        probe('attach', verb, '', 'pods/attach'),
      ]),
      probe('debug', 'patch', '', 'pods/ephemeralcontainers'),
      probe('debug', 'update', '', 'pods/ephemeralcontainers'),
    ],
  },
];

/** The answers of a page. What every API server grants by itself is left out. */
export function dutiesOf(relation: Relation): Duties {
  const duties = questions.map(({ title, about, probes, isClusterWide = false }) => ({
    title,
    about,
    rows: rowsFor(relation, probes).filter((row) => !isClusterWide || row.namespaces.length === 0),
  }));
  const ours = escalationsOf(relation).flatMap((edge) => {
    const why = edge.why.filter((grant) => !grant.isBuiltIn);
    return why.length === 0 ? [] : [{ ...edge, why }];
  });
  const edges = gathered(ours).map((edge): EdgeRow => {
    const row = rowOf(edge.subject, edge.namespace, edge.by, edge.why);
    const named = edge.name === undefined ? {} : { name: edge.name };
    return { ...row, kind: edge.kind, ...named };
  });
  const escalations = joined(edges).toSorted((left, right) => gravity(left.kind) - gravity(right.kind));
  return { duties, escalations };
}

function rowsFor(relation: Relation, probes: readonly Probe[]): readonly DutyRow[] {
  const found = new Map<
    string,
    { subject: Subject; namespace: string | undefined; what: string[]; why: Grant[] }
  >();
  const add = (label: string, { subject, namespace, names, why }: Holder): void => {
    const ours = why.filter((grant) => !grant.isBuiltIn);
    if (ours.length === 0) return;
    const key = `${subjectKey(subject)} ${namespace ?? ''}`;
    const row = found.get(key) ?? { subject, namespace, what: [], why: [] };
    found.set(key, row);
    row.what.push(names.length === 0 ? label : `${label} (${names.join(', ')})`);
    row.why.push(...ours);
  };
  for (const { label, ...question } of probes)
    for (const holder of whoCan(relation, question)) add(label, holder);
  for (const question of probes.filter(({ verb }) => verb === 'get').filter(isAboutValues))
    for (const holder of secretsThroughPods(relation, question)) add('through pods', holder);
  return joined(
    [...found.values()].map(({ subject, namespace, what, why }) => rowOf(subject, namespace, what, why)),
  );
}

function rowOf(
  subject: Subject,
  namespace: string | undefined,
  what: readonly string[],
  why: readonly Grant[],
): DutyRow {
  const namespaces = namespace === undefined ? [] : [namespace];
  return {
    subject,
    namespaces,
    what: [...new Set(what)],
    via: [...new Set(why.map((grant) => viaText(grant.via)))],
  };
}

/** Rows that differ in their namespaces only become one. */
function joined<T extends DutyRow>(rows: readonly T[]): readonly T[] {
  const groups = Map.groupBy(rows, ({ via: _via, namespaces, ...rest }) =>
    canonical([rest, namespaces.length === 0]),
  );
  return [...groups.values()]
    .flatMap((same) => {
      const [first] = same;
      if (first === undefined) return [];
      const namespaces = same.flatMap((one) => one.namespaces).sort(compareText);
      return [{ ...first, namespaces, via: [...new Set(same.flatMap((one) => one.via))] }];
    })
    .toSorted((left, right) => compareText(subjectKey(left.subject), subjectKey(right.subject)));
}
