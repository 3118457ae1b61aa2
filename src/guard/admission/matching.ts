import { labelProblems, nameProblems } from '../../cel/index.ts';
import { at, isObject, isString, listAt, objectAt, stringAt, stringsAt } from '../../lib/index.ts';
import { selects } from '../../objects/index.ts';
import {
  names,
  type AdmissionRequest,
  type Equivalent,
  type KindName,
  type ResourceName,
} from './request.ts';

/** Whether something is about a request, and as what kind and resource it takes it. */
export type Match =
  | { readonly is: 'no' }
  | {
      readonly is: 'yes';
      readonly kind: KindName;
      readonly resource: ResourceName;
      /** The object has to be converted first, which only the API server can. */
      readonly isConverted: boolean;
    }
  | { readonly is: 'error'; readonly message: string }
  | { readonly is: 'unknown'; readonly why: string };

/** What matching looks at besides the request. */
export interface MatchContext {
  readonly equivalents: readonly Equivalent[];
  /** Labels of the request's namespace; undefined when it is not known. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
}

const no: Match = { is: 'no' };

/**
 * Whether matchResources of a policy or a binding, with the API server's defaults in it, are about a request (k8s.io/apiserver
 * pkg/admission/plugin/policy/matching).
 */
export function matchOf(resources: unknown, request: AdmissionRequest, context: MatchContext): Match {
  const bySpace = namespaceMatch(at(resources, 'namespaceSelector'), request, context);
  if (bySpace.is === 'no') return no;
  const byObject = objectMatch(at(resources, 'objectSelector'), request);
  if (byObject.is === 'no') return no;
  const policy = stringAt(resources, 'matchPolicy');
  const excluded = rulesMatch(listAt(resources, 'excludeResourceRules'), request, { policy, context });
  if (excluded.is === 'yes') return no;
  if (excluded.is !== 'no') return excluded;
  const rules = listAt(resources, 'resourceRules');
  const found = rules.length === 0 ? asSent(request) : rulesMatch(rules, request, { policy, context });
  if (found.is !== 'yes') return found;
  // A broken selector is nobody's business where the rules do not apply.
  if (bySpace.is !== 'yes') return bySpace;
  return byObject.is === 'yes' ? found : byObject;
}

function asSent({ kind, resource }: AdmissionRequest): Match {
  return { is: 'yes', kind, resource, isConverted: false };
}

type Selected = { readonly is: 'yes' } | Exclude<Match, { is: 'yes' }>;

const yes: Selected = { is: 'yes' };

function namespaceMatch(selector: unknown, request: AdmissionRequest, context: MatchContext): Selected {
  const isNamespace = request.resource.resource === 'namespaces';
  if (request.namespace === '' && !isNamespace) return yes;
  if (selector === undefined) return { is: 'no' };
  if (isEmpty(selector)) return yes;
  const problem = selectorProblem(selector);
  if (problem !== undefined) return { is: 'error', message: problem };
  const own = isNamespace ? labelsOf(request.object ?? request.oldObject) : context.namespaceLabels;
  const certain = { 'kubernetes.io/metadata.name': request.namespace };
  if (own !== undefined) return selects(selector, { ...own, ...certain }) ? yes : { is: 'no' };
  return unknownNamespace(selector, certain, request.namespace);
}

/** A namespace that nobody knows has at least its name as a label: that may decide. */
function unknownNamespace(
  selector: unknown,
  certain: Readonly<Record<string, string>>,
  name: string,
): Selected {
  const parts = requirements(selector);
  const isKnown = ({ key }: Requirement): boolean => Object.hasOwn(certain, key);
  if (parts.some((part) => isKnown(part) && !selects(part.selector, certain))) return { is: 'no' };
  if (parts.every(isKnown)) return yes;
  return { is: 'unknown', why: `the labels of namespace ${name} are not known: it is not among the objects` };
}

interface Requirement {
  readonly key: string;
  readonly values: readonly unknown[];
  readonly selector: unknown;
}

function requirements(selector: unknown): readonly Requirement[] {
  const labels = Object.entries(stringsAt(selector, 'matchLabels')).map(([key, value]) => ({
    key,
    values: [value],
    selector: { matchLabels: { [key]: value } },
  }));
  const expressions = listAt(selector, 'matchExpressions').map((one) => ({
    key: stringAt(one, 'key') ?? '',
    values: listAt(one, 'values'),
    selector: { matchExpressions: [one] },
  }));
  return [...labels, ...expressions];
}

function isEmpty(selector: unknown): boolean {
  return requirements(selector).length === 0;
}

/** What is wrong with a label selector. */
function selectorProblem(selector: unknown): string | undefined {
  for (const { key, values } of requirements(selector)) {
    const [problem] = nameProblems(key);
    if (problem !== undefined) return `key: Invalid value: ${JSON.stringify(key)}: ${problem}`;
    for (const [index, value] of values.entries()) {
      const [wrong] = labelProblems(String(value));
      if (wrong !== undefined)
        return `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong}`;
    }
  }
  return undefined;
}

function labelsOf(object: unknown): Readonly<Record<string, string>> {
  return stringsAt(object, 'metadata', 'labels');
}

function objectMatch(selector: unknown, { object, oldObject }: AdmissionRequest): Selected {
  if (selector === undefined) return { is: 'no' };
  if (isEmpty(selector)) return yes;
  const problem = selectorProblem(selector);
  if (problem !== undefined) return { is: 'error', message: problem };
  const isSelected = [object, oldObject].some((one) => isObject(one) && selects(selector, labelsOf(one)));
  return isSelected ? yes : { is: 'no' };
}

interface RuleContext {
  readonly policy: string | undefined;
  readonly context: MatchContext;
}

function rulesMatch(
  rules: readonly unknown[],
  request: AdmissionRequest,
  { policy, context }: RuleContext,
): Match {
  if (rules.some((rule) => isRuleFor(rule, request) && isNamed(rule, request))) return asSent(request);
  if (policy !== 'Equivalent') return no;
  for (const rule of rules) {
    for (const { resource, kind, isSame } of context.equivalents) {
      if (!isRuleFor(rule, { ...request, resource })) continue;
      const text = `${resource.group}/${resource.version}, Resource=${resource.resource}`;
      if (kind === undefined) return { is: 'error', message: `unable to convert to ${text}: unknown kind` };
      if (isNamed(rule, request)) return { is: 'yes', kind, resource, isConverted: !isSame };
    }
  }
  return no;
}

function isNamed(rule: unknown, { name }: AdmissionRequest): boolean {
  const wanted = listAt(rule, 'resourceNames');
  return wanted.length === 0 || wanted.includes(name);
}

type About = Pick<AdmissionRequest, 'operation' | 'resource' | 'subresource' | 'namespace'>;

/** Whether a rule is about a request; names of objects are not looked at. */
export function isRuleFor(rule: unknown, request: About): boolean {
  const { group, version } = request.resource;
  return (
    isInScope(rule, request) &&
    names(at(rule, 'operations'), request.operation) &&
    names(at(rule, 'apiGroups'), group) &&
    names(at(rule, 'apiVersions'), version) &&
    isResource(rule, request)
  );
}

/** Whether a rule's scope takes a request; a Namespace is in none. */
export function isInScope(rule: unknown, { namespace, resource }: About): boolean {
  const isInside = namespace !== '' && resource.resource !== 'namespaces';
  switch (stringAt(rule, 'scope')) {
    case 'Namespaced':
      return isInside;
    case 'Cluster':
      return !isInside;
    default:
      return true;
  }
}

/** Whether resources of a rule have that of a request: a name, a name with a part, or a star for either. */
export function isResource(rule: unknown, { resource, subresource }: About): boolean {
  return listAt(rule, 'resources')
    .filter(isString)
    .some((one) => {
      const [type = '', part = ''] = one.split('/');
      const isType = type === '*' || type === resource.resource;
      return isType && (part === '*' || part === subresource);
    });
}

/** Labels that a Namespace is known to have. */
export function namespaceLabels(namespace: unknown): Readonly<Record<string, string>> | undefined {
  return isObject(namespace) ? stringsAt(objectAt(namespace, 'metadata'), 'labels') : undefined;
}
