/** Who may have rights: what a binding names, and what a request carries. */
export type Subject =
  | { readonly kind: 'User' | 'Group'; readonly name: string }
  | { readonly kind: 'ServiceAccount'; readonly namespace: string; readonly name: string };

/** subjectKey(subject), e.g. `Group/shop:dev`, `ServiceAccount/shop-web/web`. */
export type SubjectKey = string;

/** One text per subject, to be used as a map's key. */
export function subjectKey(subject: Subject): SubjectKey {
  return subject.kind === 'ServiceAccount'
    ? `ServiceAccount/${subject.namespace}/${subject.name}`
    : `${subject.kind}/${subject.name}`;
}

/** For people: `group shop:dev`, `service account shop-web/web`. */
export function subjectTitle(subject: Subject): string {
  return subject.kind === 'ServiceAccount'
    ? `service account ${subject.namespace}/${subject.name}`
    : `${subject.kind.toLowerCase()} ${subject.name}`;
}

/** The subject of a user name: `system:serviceaccount:shop:web` is service account shop/web. */
export function userNamed(name: string): Subject {
  const found = /^system:serviceaccount:([a-z0-9-]+):([a-z0-9.-]+)$/.exec(name);
  return found?.[1] === undefined || found[2] === undefined
    ? { kind: 'User', name }
    : { kind: 'ServiceAccount', namespace: found[1], name: found[2] };
}

/** A group. */
export const groupNamed = (name: string): Subject => ({ kind: 'Group', name });

const everybody = groupNamed('system:authenticated');
const strangers = 'system:unauthenticated';

/** Groups that the API server puts a subject into by itself: what they may do, it may do. */
export function impliedGroups(subject: Subject): readonly Subject[] {
  if (subject.kind === 'ServiceAccount') {
    const all = 'system:serviceaccounts';
    return [groupNamed(`${all}:${subject.namespace}`), groupNamed(all), everybody];
  }
  if (subject.kind === 'User')
    return subject.name === 'system:anonymous' ? [groupNamed(strangers)] : [everybody];
  if (subject.name === strangers || subject.name === everybody.name) return [];
  return subject.name.startsWith('system:serviceaccounts:')
    ? [groupNamed('system:serviceaccounts'), everybody]
    : [everybody];
}

/** Reads `group:shop:dev`, `user:ann@example.com`, `serviceaccount:shop-web/web`; undefined for another text. */
export function subjectFrom(text: string): Subject | undefined {
  const [, kind, name = ''] = /^(user|group):(.+)$/.exec(text) ?? [];
  if (kind === 'user') return userNamed(name);
  if (kind === 'group') return groupNamed(name);
  const account = /^(?:serviceaccount|sa):([^/]+)\/([^/]+)$/.exec(text);
  return account === null ? undefined : userNamed(`system:serviceaccount:${account[1]}:${account[2]}`);
}
