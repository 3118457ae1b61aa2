import { canonical, failure, isArray, listAt, nearest } from '../lib/index.ts';
import type { Bundle } from '../compile/index.ts';
import { resourceFrom, resourceGroups, type AccessRequest } from '../guard/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { Session } from './session.ts';

/** What a person asks about. */
export interface AskedFor {
  readonly verb: string;
  /** `pods/exec`, `deployments.apps`, `/metrics`. */
  readonly what: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** The request that is meant. Throws TORYO_USAGE for what is no resource of Kubernetes or of the bundles' own kinds. */
export function requestFrom(asked: AskedFor, bundles: readonly Bundle[]): AccessRequest {
  const { verb, what, namespace, name } = asked;
  if (what.startsWith('/')) return { verb, path: what };
  const objects = bundles.flatMap((bundle) => bundle.manifests.map((manifest) => manifest.object));
  const resource = resourceFrom(what, resourceGroups(objects));
  if (typeof resource === 'string') throw failure('TORYO_USAGE', { why: resource });
  return {
    verb,
    ...resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

const verbs: ReadonlySet<string> = new Set(
  '* get list watch create update patch delete deletecollection proxy post put head options use bind escalate impersonate approve sign attest guard request-serviceaccounts-token-audience'.split(
    ' ',
  ),
);

const everyCluster = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const;

/** Warns of a verb or resource that no API and no role has, and of a namespace that no cluster has: the answer to these is empty. */
export function warnOfUnknown(
  request: AccessRequest,
  { verb, namespace }: Omit<AskedFor, 'what'>,
  bundles: readonly Bundle[],
  session: Session,
): void {
  const objects = bundles.flatMap((bundle) => bundle.manifests.map((manifest) => manifest.object));
  const strange = unknownResource(request, objects);
  if (strange !== undefined) session.say(`warning: ${strange}\n`);
  const isNamed = (): boolean =>
    objects.some(({ rules }) => isArray(rules) && rules.some((rule) => listAt(rule, 'verbs').includes(verb)));
  if (!verbs.has(verb) && !isNamed()) {
    const near = nearest(verb, verbs);
    session.say(
      `warning: no such verb is known: ${verb}${near === undefined ? '' : `, did you mean ${near}?`}\n`,
    );
  }
  const spaces = [
    ...everyCluster,
    ...objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
  ];
  if (namespace !== undefined && !spaces.includes(namespace)) {
    const near = nearest(namespace, spaces);
    const meant = near === undefined ? '' : `, did you mean ${near}?`;
    session.say(`warning: the repository has no namespace ${namespace} on any of these clusters${meant}\n`);
  }
}

/** Why a resource whose group was written is unknown here; undefined where an API or a role names it. */
function unknownResource(request: AccessRequest, objects: readonly KubeObject[]): string | undefined {
  if ('path' in request || [request.resource, request.group].includes('*')) return undefined;
  const { resource, group } = request;
  const known = resourceGroups(objects).get(resource) ?? [];
  const isNamed = objects.some(({ rules }) =>
    (isArray(rules) ? rules : []).some(
      (rule) => listAt(rule, 'apiGroups').includes(group) && listAt(rule, 'resources').includes(resource),
    ),
  );
  if (isNamed || known.includes(group)) return undefined;
  const [other] = known;
  const meant = other === undefined ? '' : `, did you mean ${resource}.${other}?`;
  return `nobody here knows ${resource}.${group}${meant}`;
}

/** The same answer of some clusters. */
export interface SharedAnswer<T> {
  readonly clusters: readonly string[];
  readonly answer: T;
}

/** Answers told once, with the clusters that give them. */
export function sharedAnswers<T>(
  answers: readonly { readonly cluster: string; readonly answer: T }[],
): readonly SharedAnswer<T>[] {
  const groups = Map.groupBy(answers, ({ answer }) => canonical(answer));
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ clusters: same.map((one) => one.cluster), answer: first.answer }];
  });
}
