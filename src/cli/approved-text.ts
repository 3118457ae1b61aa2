import { stripVTControlCharacters } from 'node:util';
import { isString, listAt, stringAt, stringsAt } from '../lib/index.ts';
import type { Style } from './style.ts';
import { tableText } from './table.ts';

/** Order of what people must see; what else a plan has comes after it. */
const order = ['create', 'configure', 'take', 'skip', 'delete', 'blocked'] as const;
/** What is told by name: it destroys, or becomes ours. */
const named: Readonly<Record<string, string>> = { delete: '-', take: '>' };
const mostNames = 20;

/** What a person approves: the plan's hash, its waves with counts for each cluster, deletions by name, and the way back. */
export function approvedText(plan: unknown, waves: readonly string[], style: Style, isWide: boolean): string {
  const clusters = listAt(plan, 'waves')
    .filter((wave) => waves.includes(stringAt(wave, 'wave') ?? ''))
    .flatMap((wave) => listAt(wave, 'clusters').map((one) => ({ wave: textAt(wave, 'wave'), one })));
  const rows = clusters.map(({ wave, one }) => [
    style('dim', `wave ${wave}`),
    style('bold', textAt(one, 'cluster')),
    countsText(one, style),
  ]);
  const details = clusters.flatMap(({ one }) =>
    detailsOf(one, style, isWide ? Number.POSITIVE_INFINITY : mostNames),
  );
  const at = textAt(plan, 'at');
  return [
    `plan ${textAt(plan, 'hash')} of fleet ${style('bold', textAt(plan, 'fleet'))}${at === '' ? '' : `, made ${at}`}\n`,
    rows.length === 0 ? 'no cluster changes\n' : tableText([], rows, style.columns()),
    ...details,
    wayBackText(
      clusters.map(({ one }) => one),
      style,
    ),
  ].join('');
}

/** What cannot be taken back, by name; what is not named can. */
function wayBackText(clusters: readonly unknown[], style: Style): string {
  const lost = clusters.flatMap((one) =>
    Object.entries(stringsAt(one, 'noWayBack')).map(
      ([owner, why]) => `${style('bold', textAt(one, 'cluster'))} ${plain(owner)}: ${plain(why)}`,
    ),
  );
  if (lost.length === 0) return 'way back: the manifests before can be applied again\n';
  return `${style('red', 'no way back')} for\n${lost.map((line) => `  ${line}\n`).join('')}`;
}

function countsText(cluster: unknown, style: Style): string {
  const counts = new Map<string, number>(order.map((action) => [action, 0]));
  for (const change of listAt(cluster, 'changes')) {
    const action = textAt(change, 'action');
    if (action !== 'unchanged') counts.set(action, (counts.get(action) ?? 0) + 1);
  }
  const parts = [...counts]
    .filter(([, count]) => count > 0)
    .map(([action, count]) => {
      const text = `${count} ${action}`;
      return action === 'delete' || action === 'blocked' ? style('red', text) : text;
    });
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

function detailsOf(cluster: unknown, style: Style, most: number): readonly string[] {
  const lines = listAt(cluster, 'changes').flatMap((change) => {
    const mark = named[textAt(change, 'action')];
    const subject = ['kind', 'namespace', 'name'].map((field) => textAt(change, 'subject', field));
    const name = subject.filter((part) => part !== '').join('/');
    const takes = listAt(change, 'takes').map(
      (claim) => `> ${name}: takes ${textAt(claim, 'path')} from ${textAt(claim, 'manager')}`,
    );
    return mark === undefined ? takes : [`${mark} ${name}`, ...takes];
  });
  const itself = listAt(cluster, 'infrastructure')
    .filter(isString)
    .map((text) => `~ cluster: ${plain(text)}`);
  const shown = [...itself, ...lines.slice(0, most)];
  const more = lines.length > most ? [`and ${lines.length - most} more: -o wide names them`] : [];
  return [...shown, ...more].map((line) => `  ${style('bold', textAt(cluster, 'cluster'))} ${line}\n`);
}

function textAt(value: unknown, ...path: readonly string[]): string {
  return plain(stringAt(value, ...path) ?? '');
}

/** Nothing in the file may move the cursor, hide a line or turn a word around before somebody's eyes. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
