import { compareText } from '../../lib/index.ts';
import type { Grant } from './grant.ts';
import type { Relation } from './relation.ts';
import { coversResource, hasOrAll, type Rule } from './rule.ts';
import { subjectKey, type Subject } from './subject.ts';

interface Reach {
  readonly verbs: readonly string[];
  readonly group: string;
  readonly resources: readonly string[];
}

const change = ['create', 'patch', 'update'] as const;
const write = [...change, 'delete', 'deletecollection'] as const;
const read = ['get', 'list', 'watch'] as const;
const rbac = 'rbac.authorization.k8s.io';
const identity = 'authentication.k8s.io';

const reach = (verbs: readonly string[], group: string, resources: readonly string[]): Reach => ({
  verbs,
  group,
  resources,
});

/** Ways from what one may do to what one may become, the gravest first; `becomes` goes on with `in <namespace>`. */
const ways = {
  escalate: {
    becomes: 'can give itself any right',
    reaches: [reach(['escalate'], rbac, ['roles', 'clusterroles'])],
  },
  bind: {
    becomes: 'can bind roles that allow more than it may itself',
    reaches: [reach(['bind'], rbac, ['roles', 'clusterroles'])],
  },
  impersonate: {
    becomes: 'can act as others',
    reaches: [
      reach(['impersonate'], '', ['users', 'groups', 'serviceaccounts']),
      reach(['impersonate'], identity, ['uids', 'userextras/']),
      // Constrained impersonation, on by default since 1.36.
      reach(['impersonate:user-info'], identity, ['users', 'groups', 'uids', 'userextras/']),
      reach(['impersonate:serviceaccount'], identity, ['serviceaccounts']),
      reach(['impersonate:arbitrary-node', 'impersonate:associated-node'], identity, ['nodes']),
    ],
  },
  nodes: {
    becomes: 'can run commands in any pod through the kubelet, and read Secrets through them',
    reaches: [reach([...write, 'get'], '', ['nodes/proxy'])],
  },
  certificates: {
    becomes: 'can approve client certificates, so become any user or group',
    reaches: [reach(['patch', 'update'], 'certificates.k8s.io', ['certificatesigningrequests/approval'])],
  },
  admission: {
    becomes: 'can change or switch off admission',
    reaches: [
      reach(write, 'admissionregistration.k8s.io', [
        'mutatingadmissionpolicies',
        'mutatingadmissionpolicybindings',
        'mutatingwebhookconfigurations',
        'validatingadmissionpolicies',
        'validatingadmissionpolicybindings',
        'validatingwebhookconfigurations',
      ]),
      reach(write, 'toryo.dev', ['guards']),
    ],
  },
  apis: {
    becomes: 'can answer requests of others to API groups',
    reaches: [reach(change, 'apiregistration.k8s.io', ['apiservices'])],
  },
  definitions: {
    becomes: 'can see and change custom resources by a conversion webhook',
    reaches: [reach(change, 'apiextensions.k8s.io', ['customresourcedefinitions'])],
  },
  profiles: {
    becomes: 'can let pods be more than their namespace lets them',
    reaches: [reach(['use'], 'toryo.dev', ['guards']), reach(['guard'], '', ['namespaces'])],
  },
  volumes: {
    becomes: 'can make volumes of any path of a node',
    reaches: [reach(['create'], '', ['persistentvolumes'])],
  },
  namespaces: {
    becomes: 'can change labels of namespaces, so their Pod Security level',
    reaches: [reach(['patch', 'update'], '', ['namespaces', 'namespaces/finalize', 'namespaces/status'])],
  },
  tokens: {
    becomes: 'can make tokens of any service account',
    reaches: [reach(['create'], '', ['serviceaccounts/token'])],
  },
  secrets: {
    becomes: 'can read secrets',
    // What is patched or deleted comes back in the answer, in a dry run too.
    reaches: [reach([...read, 'patch', 'delete', 'deletecollection'], '', ['secrets'])],
  },
  exec: {
    becomes:
      'can run commands in pods, with the rights of their service accounts, and read Secrets through them',
    reaches: [
      reach(['create', 'get'], '', ['pods/attach', 'pods/exec']),
      reach(['patch', 'update'], '', ['pods/ephemeralcontainers']),
    ],
  },
  pods: {
    becomes: 'can start pods as any service account, and read Secrets through them',
    reaches: [
      reach(change, '', ['pods', 'replicationcontrollers']),
      reach(change, 'apps', ['daemonsets', 'deployments', 'replicasets', 'statefulsets']),
      reach(change, 'batch', ['cronjobs', 'jobs']),
    ],
  },
  /** Both of its neighbours, as `gathered` makes it of them. */
  identities: { becomes: 'can be any service account, and read Secrets through pods', reaches: [] },
  accounts: {
    becomes: 'can be any service account',
    // A Secret that is made of type kubernetes.io/service-account-token gets a token.
    reaches: [reach(['create'], '', ['secrets'])],
  },
  roles: {
    becomes: 'can give others what it may do itself',
    reaches: [reach(change, rbac, ['clusterrolebindings', 'clusterroles', 'rolebindings', 'roles'])],
  },
} as const satisfies Readonly<
  Record<string, { readonly becomes: string; readonly reaches: readonly Reach[] }>
>;

/** A kind of escalation. */
export type EscalationKind = keyof typeof ways;

const kinds = Object.keys(ways).filter((kind): kind is EscalationKind => Object.hasOwn(ways, kind));

/** Who starts pods as any service account is any service account: the first kind is no news to who has the other. */
const impliedBy: Readonly<Partial<Record<EscalationKind, EscalationKind>>> = { accounts: 'pods' };

/** An edge from a subject to what it can become by what it may do. */
export interface Escalation {
  readonly subject: Subject;
  readonly kind: EscalationKind;
  /** Undefined: everywhere. */
  readonly namespace?: string;
  /** Only by objects of this name; undefined: of any. */
  readonly name?: string;
  /** `create pods/exec`: what opens the way. */
  readonly by: readonly string[];
  readonly why: readonly Grant[];
}

/** One piece of a rule that opens a way. */
interface Step {
  readonly kind: EscalationKind;
  readonly by: readonly string[];
  readonly name?: string;
}

/** All edges of a relation, each subject's own only. */
export function escalationsOf(relation: Relation): readonly Escalation[] {
  const known = new Map<Rule, readonly Step[]>();
  const stepsOf = (rule: Rule): readonly Step[] => {
    const steps = known.get(rule) ?? kinds.flatMap((kind) => stepsBy(kind, rule));
    known.set(rule, steps);
    return steps;
  };
  return [...relation.holdings.values()].flatMap(({ subject, scopes }) =>
    [...scopes].flatMap(([scope, grants]) => edgesIn({ subject, scope, grants }, stepsOf)),
  );
}

interface Held {
  readonly subject: Subject;
  readonly scope: string;
  readonly grants: readonly Grant[];
}

function edgesIn(
  { subject, scope, grants }: Held,
  stepsOf: (rule: Rule) => readonly Step[],
): readonly Escalation[] {
  const edges = new Map<string, { step: Step; by: Set<string>; why: Grant[] }>();
  for (const grant of grants)
    for (const step of stepsOf(grant.rule)) {
      if (scope !== '' && clusterOnly.has(step.kind)) continue;
      const key = `${step.kind} ${step.name ?? ''}`;
      const edge = edges.get(key) ?? { step, by: new Set<string>(), why: [] };
      edges.set(key, edge);
      for (const by of step.by) edge.by.add(by);
      edge.why.push(grant);
    }
  return [...edges.values()].map(({ step, by, why }) => ({
    subject,
    kind: step.kind,
    ...(scope === '' ? {} : { namespace: scope }),
    ...(step.name === undefined ? {} : { name: step.name }),
    by: [...by].sort(compareText),
    why,
  }));
}

/** A right over what has no namespace is none when it is given in one. */
const clusterOnly: ReadonlySet<EscalationKind> = new Set([
  'nodes',
  'certificates',
  'admission',
  'apis',
  'definitions',
  'profiles',
  'volumes',
]);

function stepsBy(kind: EscalationKind, rule: Rule): readonly Step[] {
  const reaches: readonly Reach[] = ways[kind].reaches;
  const by = reaches.flatMap(({ verbs, group, resources }) =>
    hasOrAll(rule.groups, group)
      ? resources
          .flatMap((resource) => coveredBy(rule, resource))
          .flatMap((resource) =>
            verbs.filter((verb) => hasOrAll(rule.verbs, verb)).map((verb) => `${verb} ${resource}`),
          )
      : [],
  );
  if (by.length === 0) return [];
  if (rule.names.size === 0) return [{ kind, by }];
  // What is made has no name yet when the right to make it is asked for.
  const named = by.filter((one) => !/^create [a-z]+$/.test(one));
  return named.length === 0 ? [] : [...rule.names].map((name) => ({ kind, by: named, name }));
}

/** What of a resource a rule has; one that ends in a slash stands for each of its subresources, whose names are anybody's. */
function coveredBy({ resources }: Rule, resource: string): readonly string[] {
  if (!resource.endsWith('/')) return coversResource(resources, resource) ? [resource] : [];
  if (resources.has('*')) return [`${resource}*`];
  return [...resources].filter((one) => one.startsWith(resource));
}

/** Which edges one set has and another has not, also not by a wider one. */
export function newEdges(
  edges: readonly Escalation[],
  others: readonly Escalation[],
  groupsOf: (subject: Subject) => readonly Subject[],
): readonly Escalation[] {
  const key = (subject: Subject, kind: EscalationKind, namespace = '', name = ''): string =>
    `${subjectKey(subject)} ${kind} ${namespace} ${name}`;
  const there = new Set(others.map((one) => key(one.subject, one.kind, one.namespace, one.name)));
  return edges.filter(({ subject, kind, namespace, name }) => {
    const [wider, namespaces, names] = [
      [kind, impliedBy[kind] ?? kind],
      ['', namespace],
      ['', name],
    ];
    return !groupsOf(subject).some((who) =>
      wider.some((one) =>
        namespaces.some((space) => names.some((named) => there.has(key(who, one, space, named)))),
      ),
    );
  });
}

/** Edges for people: ways to be any service account, by pods and by Secrets, are one edge where a subject has both. */
export function gathered(edges: readonly Escalation[]): readonly Escalation[] {
  const key = ({ subject, namespace = '', name = '' }: Escalation): string =>
    `${subjectKey(subject)} ${namespace} ${name}`;
  const of = (kind: EscalationKind): ReadonlyMap<string, Escalation> =>
    new Map(edges.filter((one) => one.kind === kind).map((one) => [key(one), one]));
  const [pods, accounts] = [of('pods'), of('accounts')];
  return edges.flatMap((edge) => {
    if (edge.kind === 'pods' && accounts.has(key(edge))) return [];
    const other = edge.kind === 'accounts' ? pods.get(key(edge)) : undefined;
    if (other === undefined) return [edge];
    return [
      {
        ...edge,
        kind: 'identities',
        by: [...other.by, ...edge.by].sort(compareText),
        why: [...other.why, ...edge.why],
      },
    ];
  });
}

/** `can run commands in pods, …`. */
export function becomesText(kind: EscalationKind): string {
  return ways[kind].becomes;
}

/** Orders edges: the gravest kind first. */
export function gravity(kind: EscalationKind): number {
  return kinds.indexOf(kind);
}
