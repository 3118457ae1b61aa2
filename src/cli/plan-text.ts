import { canonical, listed } from '../lib/index.ts';
import { ownerName, titleOf, type FieldChange } from '../objects/index.ts';
import type { AccessSentence } from '../guard/index.ts';
import { isWrite, type Change, type Plan, type PlannedCluster } from '../deliver/index.ts';
import type { FieldClaim } from '../world/index.ts';
import { accessLines, rolesHint } from './access-text.ts';
import type { Style } from './style.ts';
import { tableText } from './table.ts';

const marks = {
  create: ['green', '+'],
  configure: ['yellow', '~'],
  delete: ['red', '-'],
  blocked: ['red', '!'],
  skip: ['dim', '?'],
  unchanged: ['dim', ' '],
} as const;

/** Order of what people must see: the summary is first, what destroys is last, next to the question. */
const actions = ['create', 'configure', 'skip', 'delete', 'blocked'] as const;

/** A plan for people: counts, then each change with its fields. */
export function planText(plan: Plan, style: Style, isWide: boolean): string {
  const clusters = plan.waves.flatMap((wave) => wave.clusters.map((one) => ({ wave: wave.wave, one })));
  const summary = tableText(
    [],
    clusters.map(({ wave, one }) => summaryRow(wave, one, style)),
    style.columns(),
  );
  const details = detailText(
    clusters
      .filter(({ one }) => one.state !== 'unknown' && hasNews(one, isWide))
      .map(({ one }) => ({ cluster: one.cluster, lines: linesOf(one, style, isWide) })),
    style,
  );
  return `${summary}${details === '' ? '' : `\n${details}`}`;
}

/** Says once what many clusters share: lines under the names of the clusters that have them. */
function detailText(
  blocks: readonly { readonly cluster: string; readonly lines: readonly string[] }[],
  style: Style,
): string {
  const clustersOf = new Map<string, string[]>();
  for (const { cluster, lines } of blocks)
    for (const line of lines) clustersOf.set(line, [...(clustersOf.get(line) ?? []), cluster]);
  const sections = Map.groupBy([...clustersOf], ([, clusters]) => clusters.join(', '));
  return [...sections]
    .map(([names, lines]) => `${style('bold', names)}\n${lines.map(([line]) => line).join('')}`)
    .join('');
}

function hasNews(one: PlannedCluster, isWide: boolean): boolean {
  const isQuiet = one.blockers.length === 0 && one.infrastructure === undefined && one.notes === undefined;
  return !isQuiet || one.changes.some((change) => isNews(change, isWide));
}

// What stays as it is because a part of it is left to others is worth a word to who looks closely.
function isNews(change: Change, isWide: boolean): boolean {
  return change.action !== 'unchanged' || (isWide && change.leaves !== undefined);
}

function summaryRow(wave: string, one: PlannedCluster, style: Style): readonly string[] {
  const head = [style('bold', one.cluster), style('dim', `wave ${wave}`)];
  if (one.state === 'unknown') return [...head, style('red', 'unknown'), one.why ?? ''];
  const text = countsOf(one)
    .map(([action, count]) => style(marks[action][0], `${count} ${action}`))
    .join(', ');
  return [
    ...head,
    `${one.state === 'absent' ? 'does not exist yet: ' : ''}${text === '' ? 'nothing' : text}`,
    style('dim', checkedText(one)),
  ];
}

/** How many changes of each kind a cluster has, without those that it has none of. */
export function countsOf(one: PlannedCluster): readonly (readonly [Change['action'], number])[] {
  return [...actions, 'unchanged' as const]
    .map((action) => [action, one.changes.filter((change) => change.action === action).length] as const)
    .filter(([, count]) => count > 0);
}

/** How the changes were checked: the server's word and where it was not asked. */
function checkedText(one: PlannedCluster): string {
  const writes = one.changes.filter((change) => change.action === 'create' || change.action === 'configure');
  const counts = new Map<string, number>();
  for (const change of writes) {
    const how =
      change.checkedBy === 'nothing' ? 'not checked by the server' : `checked by ${change.checkedBy}`;
    counts.set(how, (counts.get(how) ?? 0) + 1);
  }
  const offline = writes.filter((change) => !change.hasRights && change.checkedBy !== 'nothing').length;
  const parts = [...counts].map(([how, count]) => `${count} ${how}`);
  if (offline > 0) parts.push(`${offline} with rights checked offline`);
  return parts.join(', ');
}

function linesOf(one: PlannedCluster, style: Style, isWide: boolean): readonly string[] {
  const of = (action: Change['action']): readonly Change[] =>
    one.changes.filter((change) => change.action === action);
  const creates = of('create');
  const isMany = !isWide && creates.length > mostCreates;
  const lines = actions.flatMap((action) =>
    action === 'create' && isMany
      ? createdOwners(creates, style)
      : groupsOf(of(action), isWide).map((group) => groupText(group, style, isWide)),
  );
  const left = of('unchanged').filter((change) => isNews(change, isWide));
  lines.push(...left.map((change) => changeText(change, style, isWide)));
  const infrastructure = (one.infrastructure ?? []).map(
    (text) => `  ${style('yellow', '~')} cluster: ${text}\n`,
  );
  const effects = (one.effects ?? []).map(
    ({ text, isTooMuch }) => `  ${style(isTooMuch ? 'red' : 'dim', isTooMuch ? 'note' : 'effect')} ${text}\n`,
  );
  const access = accessPart(one.access ?? [], style, isWide);
  const notes = (one.notes ?? []).map((text) => `  ${style('yellow', 'note')} ${text}\n`);
  const blockers = one.blockers.map(
    (blocker) =>
      `  ${style('red', 'stop')} ${blocker.why}${blocker.allow === undefined ? '' : ` (${blocker.allow})`}\n`,
  );
  return [...infrastructure, ...lines, ...effects, ...access, ...notes, ...blockers];
}

/** Above this, the rest of what changes for people's rights is counted: `toryo access diff` tells all. */
const mostAccess = 20;

function accessPart(access: readonly AccessSentence[], style: Style, isWide: boolean): readonly string[] {
  // The gravest are first, and none of them is left out.
  const grave = access.filter(({ what }) => what === 'escalation').length;
  const shown = isWide ? access : access.slice(0, Math.max(mostAccess, grave));
  const left = access.length - shown.length;
  const more = left === 0 ? '' : `${left} more (-o wide shows them)\n`;
  return [
    ...accessLines(shown, style, { isWide, word: 'access ' }),
    ...[more, rolesHint(shown, isWide)].filter(Boolean).map((line) => `  access: ${line}`),
  ];
}

/** Above this, new objects are told by owner: a first delivery is read as a list of what comes, not of 1,200 names. */
const mostCreates = 25;

function createdOwners(creates: readonly Change[], style: Style): readonly string[] {
  const owners = Map.groupBy(creates, ({ owner, why }) => `${ownerName(owner)} ${why ?? ''}`);
  return [...owners.values()].flatMap((changes) => {
    const [first] = changes;
    if (first === undefined) return [];
    const kinds = Map.groupBy(changes, (change) => change.subject.kind);
    const text = [...kinds]
      .map(([kind, same]) => (same.length === 1 ? kind : `${same.length} ${kind}`))
      .join(', ');
    return [`  ${style('green', '+')} ${ownerName(first.owner)} ${style('dim', text)}${whyText(first)}\n`];
  });
}

/** Changes of the same fields of one owner's objects of a kind are told together. */
function groupsOf(changes: readonly Change[], isWide: boolean): readonly (readonly Change[])[] {
  if (isWide) return changes.map((change) => [change]);
  const groups = Map.groupBy(changes, (change, index) => {
    const { owner, subject, fields, action, why, adopts, takes, leaves } = change;
    const isAlone = action !== 'configure' || fields.length === 0;
    return isAlone
      ? String(index)
      : canonical(
          [ownerName(owner), subject.kind, fields, why, adopts, takes, leaves].map((one) => one ?? null),
        );
  });
  return [...groups.values()];
}

function groupText([first, ...others]: readonly Change[], style: Style, isWide: boolean): string {
  if (first === undefined) return '';
  if (others.length === 0) return changeText(first, style, isWide);
  const all = [first, ...others];
  const title = `${all.length} ${first.subject.kind} (${listed(all.map(({ subject }) => nameOf(subject)))})`;
  return changeText(first, style, isWide, title);
}

function nameOf({ namespace, name }: Change['subject']): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function changeText(change: Change, style: Style, isWide: boolean, title = titleOf(change.subject)): string {
  const [color, mark] = marks[change.action];
  const place =
    isWide && change.from !== undefined ? style('dim', `  ${change.from.file}:${change.from.line}`) : '';
  const head = `  ${style(color, mark)} ${title} ${style('dim', ownerName(change.owner))}${whyText(change)}${place}\n`;
  const adopted = change.adopts === undefined ? [] : [`adopts (last written by ${change.adopts})`];
  const lines = [
    ...adopted,
    ...(change.takes ?? []).map(takeText),
    ...(change.leaves ?? []).map(leaveText),
  ].map((line) => `      ${line}\n`);
  return head + lines.join('') + change.fields.map((field) => fieldText(field, style)).join('');
}

function whyText({ why }: Change): string {
  return why === undefined ? '' : `: ${why}`;
}

function takeText(claim: FieldClaim): string {
  return `takes ${claim.path} from ${claim.manager}${sinceText(claim)}: ${shown(claim.value ?? null)} -> ${shown(claim.wanted ?? null)}`;
}

function leaveText(claim: FieldClaim): string {
  return `leaves ${claim.path} to ${claim.manager}${sinceText(claim)}: ${shown(claim.value ?? null)}`;
}

function sinceText({ time }: FieldClaim): string {
  return time === undefined ? '' : ` (${time.slice(0, 16).replace('T', ' ')})`;
}

function fieldText(field: FieldChange, style: Style): string {
  const [old, fresh] = [lineOf(field.before), lineOf(field.after)];
  const start = field.before === undefined || field.after === undefined ? 0 : firstShown(old, fresh);
  const before = field.before === undefined ? '' : style('red', cut(old, start));
  const after = field.after === undefined ? style('red', '(removed)') : style('green', cut(fresh, start));
  return `      ${field.path}: ${before === '' ? '' : `${before} -> `}${after}\n`;
}

const longest = 100;

/** What stands before the first difference, so that it is found again. */
const context = 30;

function shown(value: unknown): string {
  return cut(lineOf(value), 0);
}

function lineOf(value: unknown): string {
  const text = typeof value === 'string' ? value : canonical(value);
  return text.replaceAll('\n', '\\n');
}

/** From where two texts are shown so that both show where they differ. */
function firstShown(left: string, right: string): number {
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  return same < longest - context ? 0 : same - context;
}

function cut(line: string, start: number): string {
  const end = start + longest;
  return `${start > 0 ? '…' : ''}${line.slice(start, end)}${line.length > end ? '…' : ''}`;
}

/** True when a plan would change a cluster itself. */
export function changesClusters(plan: Plan): boolean {
  return plan.waves.some((wave) => wave.clusters.some((one) => one.infrastructure !== undefined));
}

/** How many objects a plan would write. */
export function countWrites(plan: Plan): number {
  return plan.waves
    .flatMap((wave) => wave.clusters)
    .reduce((sum, one) => sum + one.changes.filter(isWrite).length, 0);
}
