import type { AccessRequest, Grant, Subject } from '../../../src/guard/index.ts';
import { words, type Dice } from './access-objects.ts';

/** A question, and who asks it. */
export interface Asked {
  readonly user: string;
  readonly groups: readonly string[];
  readonly request: AccessRequest;
}

/** Two of three questions are about what some grant says, and then changed a little; the rest are the same words at random. */
export function questions(count: number, grants: readonly Grant[], dice: Dice): readonly Asked[] {
  const ours = grants.filter((grant) => !grant.isBuiltIn);
  return Array.from({ length: count }, (_, index) => {
    if (index % 3 === 0) return randomQuestion(dice);
    return changed(near(dice.one(index % 8 === 0 ? grants : ours), dice), randomQuestion(dice), dice);
  });
}

function randomQuestion(dice: Dice): Asked {
  const usual = words.userGroups.slice(0, -1);
  const groups = dice.mostly(2, dice.some(dice.mostly(40, usual, words.userGroups), 3), []);
  const user = dice.one([
    ...words.users,
    'system:serviceaccount:kube-system:generic-garbage-collector',
    'toryo:tenant:shop',
  ]);
  const who = { user: user === '' && groups.length === 0 ? 'nobody' : user, groups };
  const verb = dice.mostly(20, dice.one(words.verbs), dice.one(['*', '']));
  if (dice.below(6) === 0) return { ...who, request: { verb, path: dice.one(words.paths) } };
  const request = {
    verb,
    group: dice.mostly(30, dice.one([...words.groups, '', 'rbac.authorization.k8s.io']), '*'),
    resource: dice.mostly(12, dice.one(words.resources), dice.one(['pods/exec', '*', 'widgets/status', ''])),
    ...dice.mostly(2, {}, { subresource: dice.one(words.subresources) }),
    ...dice.mostly(4, { namespace: dice.one(words.namespaces) }, {}),
    ...dice.mostly(2, { name: dice.one(words.names) }, {}),
  };
  return { ...who, request };
}

/** A question that a grant says yes to. */
function near({ subject, namespace, rule }: Grant, dice: Dice): Asked {
  const real = (set: ReadonlySet<string>, other: readonly string[]): string =>
    dice.one([...set].flatMap((one) => (one === '*' ? other : [one])));
  const who =
    subject.kind === 'Group'
      ? { user: 'eve', groups: [subject.name] }
      : { user: userOf(subject), groups: [] };
  const verb = real(rule.verbs, words.verbs);
  if (rule.urls.size > 0)
    return {
      ...who,
      request: { verb, path: dice.one([...rule.urls]).replace(/\*$/, dice.one(['', '1/x', '*'])) },
    };
  const [resource = '', ...sub] = real(rule.resources, words.resources).split('/');
  const request = {
    verb,
    group: real(rule.groups, words.groups),
    resource: resource === '*' ? dice.one(words.resources) : resource,
    // A star behind the slash is a name as any other.
    ...(sub.length === 0
      ? {}
      : { subresource: sub[0] === '*' ? dice.one(words.subresources) : sub.join('/') }),
    ...(rule.names.size === 0 ? {} : { name: dice.one([...rule.names]) }),
    ...(namespace === undefined ? {} : { namespace }),
  };
  return { ...who, request };
}

function userOf(subject: Subject): string {
  return subject.kind === 'ServiceAccount'
    ? `system:serviceaccount:${subject.namespace}:${subject.name}`
    : subject.name;
}

/** The same question, or with one of its parts from another one. */
function changed(asked: Asked, other: Asked, dice: Dice): Asked {
  const { request } = asked;
  if ('path' in request || 'path' in other.request) return asked;
  const rest = other.request;
  const requests = [
    request,
    request,
    { ...request, verb: rest.verb },
    { ...request, group: rest.group },
    { ...request, resource: rest.resource },
    { ...request, subresource: rest.subresource ?? '' },
    { ...request, namespace: rest.namespace ?? '' },
    { ...request, name: rest.name ?? '' },
  ];
  return {
    ...asked,
    ...(dice.below(8) === 0 ? { user: other.user || 'eve' } : {}),
    request: dice.one(requests),
  };
}
