import { canonical, compareText } from '../../lib/index.ts';
import { titleOf } from '../../objects/index.ts';
import { Coverage, isWhole, type Rights } from './coverage.ts';
import {
  escalationsOf,
  gathered,
  gravity,
  newEdges,
  type Escalation,
  type EscalationKind,
} from './escalation.ts';
import { viaText, type Grant, type UnknownRole } from './grant.ts';
import { identityOf, type Holding, type Relation } from './relation.ts';
import { subjectKey, type Subject } from './subject.ts';

/** What one subject may do more, or less, in some namespaces. */
export interface AccessChange extends Rights {
  readonly subject: Subject;
  /** Empty: everywhere. */
  readonly namespaces: readonly string[];
  /** `RoleBinding/shop-web/dev -> ClusterRole/view`, all of them. */
  readonly via: readonly string[];
  /**
   * ClusterRoles that came or went as a whole, this with them; empty: a part of a role, a Role of one namespace, or fewer rights
   * than roles.
   */
  readonly roles: readonly string[];
}

/** A way that opened or closed for one subject, in some namespaces. */
export interface EscalationChange {
  readonly subject: Subject;
  readonly kind: EscalationKind;
  /** Empty: everywhere. */
  readonly namespaces: readonly string[];
  /** Only by objects of these names; empty: of any. */
  readonly names: readonly string[];
  readonly by: readonly string[];
  readonly via: readonly string[];
}

/** A binding to a role that nobody here knows came or went. */
export interface UnknownChange {
  readonly subject: Subject;
  readonly change: 'gained' | 'lost';
  readonly namespaces: readonly string[];
  readonly via: readonly string[];
}

/** What a change does to who may do what; grouped and sorted for people. */
export interface AccessDiff {
  readonly gained: readonly AccessChange[];
  readonly lost: readonly AccessChange[];
  /** Ways that open. */
  readonly escalations: readonly EscalationChange[];
  /** Ways that close. */
  readonly closed: readonly EscalationChange[];
  readonly unknown: readonly UnknownChange[];
}

/**
 * Compares by meaning: what another grant of the same subject, or of a group that the API server puts it into, covers is
 * neither gained nor lost. What API servers grant by themselves is no news.
 */
export function accessDiff(before: Relation, after: Relation): AccessDiff {
  const coverage = new Coverage();
  const [old, fresh] = [escalationsOf(before), escalationsOf(after)];
  return {
    gained: changesFrom(before, after, coverage),
    lost: changesFrom(after, before, coverage),
    escalations: edgeChanges(newEdges(fresh, old, (subject) => identityOf(before, subject))),
    closed: edgeChanges(newEdges(old, fresh, (subject) => identityOf(after, subject))),
    unknown: [
      ...unknownChanges(after.unknown, before.unknown, 'gained'),
      ...unknownChanges(before.unknown, after.unknown, 'lost'),
    ],
  };
}

/** True when nothing changed. */
export function isSameAccess(diff: AccessDiff): boolean {
  return [diff.gained, diff.lost, diff.escalations, diff.closed, diff.unknown].every(
    (list) => list.length === 0,
  );
}

/** What `to` has and `from` has not. */
function changesFrom(from: Relation, to: Relation, coverage: Coverage): readonly AccessChange[] {
  const found = [...to.holdings.values()].flatMap((held) => {
    const others = identityOf(from, held.subject).flatMap(
      (subject) => from.holdings.get(subjectKey(subject)) ?? [],
    );
    return [...held.scopes].flatMap(([scope, grants]) =>
      changesIn({ subject: held.subject, scope, grants }, others, coverage),
    );
  });
  const bySubject = Map.groupBy(found, ({ subject }) => subjectKey(subject));
  return joined([...bySubject.values()].flatMap(shorter), ({ namespaces, ...rest }) => ({
    key: { ...rest, via: 0 },
    namespaces,
  }));
}

/** Of one subject: by whole roles, unless these are more than the rights that they give. */
function shorter(changes: readonly AccessChange[]): readonly AccessChange[] {
  const whole = changes.filter(({ roles }) => roles.length > 0);
  const roles = new Set(whole.map((one) => one.roles.join(' ')));
  const rights = new Set(
    whole.map(({ verbs, resources, names, urls }) => JSON.stringify([verbs, resources, names, urls])),
  );
  return roles.size <= rights.size ? changes : changes.map((one) => ({ ...one, roles: [] }));
}

interface Held {
  readonly subject: Subject;
  readonly scope: string;
  readonly grants: readonly Grant[];
}

function changesIn(
  { subject, scope, grants }: Held,
  others: readonly Holding[],
  coverage: Coverage,
): readonly AccessChange[] {
  const scopes = scope === '' ? [''] : ['', scope];
  const rules = others
    .flatMap((held) => scopes.flatMap((one) => held.scopes.get(one) ?? []))
    .map((grant) => grant.rule);
  const id = coverage.idOf(rules);
  const parts = grants
    .filter((grant) => !grant.isBuiltIn)
    .map((grant) => ({ grant, pieces: coverage.remainder(grant.rule, rules, id) }));
  const broken = new Set(
    parts.filter(({ grant, pieces }) => !isWhole(grant.rule, pieces)).map(({ grant }) => roleOf(grant)),
  );
  const namespaces = scope === '' ? [] : [scope];
  const groups = Map.groupBy(
    parts.filter(({ pieces }) => pieces.length > 0),
    ({ grant }) => roleOf(grant) !== undefined && !broken.has(roleOf(grant)),
  );
  return [...groups].flatMap(([isOfRoles, left]) => {
    const via = [...new Set(left.map(({ grant }) => grant.via))].map(viaText);
    const names = isOfRoles ? left.map(({ grant }) => roleOf(grant) ?? '') : [];
    const roles = [...new Set(names)].sort(compareText);
    return coverage
      .rightsIn(left.map(({ pieces }) => pieces))
      .map((rights) => ({ subject, namespaces, ...rights, roles, via }));
  });
}

/** The ClusterRole that was bound; the name of a Role means another one in each namespace. */
function roleOf({ via: [, role] }: Grant): string | undefined {
  return role?.kind === 'ClusterRole' ? titleOf(role) : undefined;
}

/** Things that are the same but for their namespaces are one. */
function joined<T extends { readonly via: readonly string[]; readonly subject: Subject }>(
  all: readonly T[],
  split: (one: T) => { readonly key: unknown; readonly namespaces: readonly string[] },
): readonly T[] {
  const groups = Map.groupBy(all, (one) => {
    const { key, namespaces } = split(one);
    return canonical([key, namespaces.length === 0]);
  });
  return [...groups.values()]
    .flatMap((same) => {
      const [first] = same;
      if (first === undefined) return [];
      const namespaces = [...new Set(same.flatMap((one) => split(one).namespaces))].sort(compareText);
      return [{ ...first, namespaces, via: [...new Set(same.flatMap((one) => one.via))] }];
    })
    .toSorted((left, right) => compareText(subjectKey(left.subject), subjectKey(right.subject)));
}

function edgeChanges(edges: readonly Escalation[]): readonly EscalationChange[] {
  const ours = edges.filter((edge) => edge.why.some((grant) => !grant.isBuiltIn));
  const all = gathered(ours).map(({ subject, kind, namespace, name, by, why }) => ({
    subject,
    kind,
    namespaces: namespace === undefined ? [] : [namespace],
    names: name === undefined ? [] : [name],
    by,
    via: [...new Set(why.map((grant) => viaText(grant.via)))],
  }));
  return joined(all, ({ namespaces, via: _via, ...rest }) => ({ key: rest, namespaces })).toSorted(
    (left, right) => gravity(left.kind) - gravity(right.kind),
  );
}

function unknownChanges(
  those: readonly UnknownRole[],
  others: readonly UnknownRole[],
  change: UnknownChange['change'],
): readonly UnknownChange[] {
  const key = ({ subject, namespace = '', via }: UnknownRole): string =>
    `${subjectKey(subject)} ${namespace} ${viaText(via.slice(1))}`;
  const there = new Set(others.map(key));
  return those
    .filter((one) => !there.has(key(one)))
    .map(({ subject, namespace, via }) => ({
      subject,
      change,
      namespaces: namespace === undefined ? [] : [namespace],
      via: [viaText(via)],
    }));
}
