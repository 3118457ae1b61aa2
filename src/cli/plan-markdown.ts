import { canonical } from '../lib/index.ts';
import { ownerName, titleOf, type FieldChange } from '../objects/index.ts';
import type { Change, Plan, PlannedCluster } from '../deliver/index.ts';
import { accessMarks } from './access-text.ts';
import { countsOf } from './plan-text.ts';

/** GitHub takes 64 KiB in a comment; something is left for what a workflow puts around it, in bytes. */
const mostBytes = 60_000;
const longestValue = 400;
const mostClusters = 40;

/** A plan for a comment on a pull request: a table, then what is the same on many clusters told once, the gravest first. */
export function planMarkdown(plan: Plan): string {
  const clusters = plan.waves.flatMap(({ wave, clusters: all }) => all.map((one) => ({ wave, one })));
  const head = ['<!-- toryo plan -->\n', tableOf(clusters)];
  const news = sharedLines(clusters.map(({ one }) => ({ cluster: one.cluster, lines: newsOf(one) })));
  const groups = groupsOf(clusters.map(({ one }) => one));
  const sections = [...news, ...groups.map(groupText)];
  return within(head, sections, endOf(plan));
}

type Row = { readonly wave: string; readonly one: PlannedCluster };

function tableOf(clusters: readonly Row[]): string {
  const rows = clusters.map(({ wave, one }) => {
    const counts = countsOf(one)
      .map(([action, count]) => `${count} ${action}`)
      .join(', ');
    const state =
      one.state === 'there' ? '' : `${one.state === 'absent' ? 'does not exist yet' : 'unknown'}; `;
    return `| ${one.cluster} | ${wave} | ${state}${counts === '' ? 'nothing' : counts} |\n`;
  });
  return `| cluster | wave | changes |\n|---|---|---|\n${rows.join('')}\n`;
}

/** What is to be known of a cluster besides its objects. */
function newsOf(one: PlannedCluster): readonly string[] {
  return [
    ...one.blockers.map(({ why, allow }) => `stop: ${why}${allow === undefined ? '' : ` (${allow})`}`),
    ...(one.state === 'unknown' ? [`unknown: ${one.why ?? ''}`] : []),
    ...(one.infrastructure ?? []).map((text) => `cluster: ${text}`),
    ...(one.effects ?? []).map(({ text, isTooMuch }) => `${isTooMuch ? 'does not fit' : 'effect'}: ${text}`),
    ...(one.access ?? []).map(({ what, text }) => `access ${accessMarks[what]} ${text}`),
    ...Object.entries(one.noWayBack ?? {}).map(([owner, why]) => `no way back for ${owner}: ${why}`),
    ...(one.notes ?? []).map((text) => `note: ${text}`),
  ];
}

interface Section {
  readonly text: string;
  readonly isGrave: boolean;
}

function sharedLines(
  blocks: readonly { readonly cluster: string; readonly lines: readonly string[] }[],
): readonly Section[] {
  const byLine = new Map<string, string[]>();
  for (const { cluster, lines } of blocks)
    for (const line of lines) byLine.set(line, [...(byLine.get(line) ?? []), cluster]);
  const byClusters = Map.groupBy([...byLine], ([, clusters]) => clusters.join(', '));
  return [...byClusters].map(([, entries]) => {
    const clusters = entries[0]?.[1] ?? [];
    const lines = entries.map(([line]) => line);
    const isGrave = lines.some((line) => /^(stop|unknown|no way back|does not fit|access !)/.test(line));
    return { isGrave, text: `**${clustersText(clusters)}**\n${fenced('text', lines)}\n` };
  });
}

/** The same changes of one owner on the same clusters. */
interface Group {
  readonly rank: number;
  readonly verb: string;
  readonly owner: string;
  readonly clusters: readonly string[];
  readonly changes: readonly Change[];
}

const ranks: Readonly<Record<Change['action'], number>> = {
  delete: 0,
  blocked: 0,
  configure: 2,
  skip: 3,
  create: 4,
  unchanged: 5,
};

function rankOf(change: Change): number {
  return takesOf(change).length > 0 ? Math.min(1, ranks[change.action]) : ranks[change.action];
}

function takesOf(change: Change): NonNullable<Change['takes']> {
  return change.takes ?? [];
}

function groupsOf(clusters: readonly PlannedCluster[]): readonly Group[] {
  const same = new Map<string, { readonly change: Change; readonly clusters: string[] }>();
  for (const one of clusters)
    for (const change of one.changes) {
      if (change.action === 'unchanged') continue;
      const key = canonical([
        change.action,
        titleOf(change.subject),
        ownerName(change.owner),
        linesOf(change),
      ]);
      const found = same.get(key);
      if (found === undefined) same.set(key, { change, clusters: [one.cluster] });
      else found.clusters.push(one.cluster);
    }
  const groups = Map.groupBy(same.values(), ({ change, clusters: names }) =>
    canonical([rankOf(change), change.action, ownerName(change.owner), names]),
  );
  const made = [...groups.values()].flatMap((members): readonly Group[] => {
    const [first] = members;
    if (first === undefined) return [];
    const { change, clusters: names } = first;
    const rank = rankOf(change);
    const verb = rank === 1 ? 'take from others' : change.action;
    const changes = members.map((one) => one.change);
    return [{ rank, verb, owner: ownerName(change.owner), clusters: names, changes }];
  });
  return made.toSorted((left, right) => left.rank - right.rank);
}

function groupText(group: Group): Section {
  const { verb, owner, clusters, changes } = group;
  const [first] = changes;
  const what =
    changes.length === 1 && first !== undefined ? titleOf(first.subject) : `${changes.length} objects`;
  const where = clusters.length === 1 ? clusters[0] : `${clusters.length} clusters`;
  const summary = `<b>${verb}</b> ${escaped(what)} of ${escaped(owner)} on ${where ?? ''}`;
  const list = clusters.length === 1 ? '' : `${clustersText(clusters)}\n`;
  const lines = changes.flatMap(linesOf);
  return {
    isGrave: group.rank <= 1,
    text: `<details><summary>${summary}</summary>\n\n${list}${fenced('diff', lines)}\n</details>\n\n`,
  };
}

const marks: Readonly<Record<Change['action'], string>> = {
  create: '+',
  configure: '!',
  delete: '-',
  blocked: '!',
  skip: '?',
  unchanged: ' ',
};

function linesOf(change: Change): readonly string[] {
  const why = change.why === undefined ? '' : `: ${change.why}`;
  const taken = takesOf(change).map(({ path, manager }) => `!   takes ${path} from ${manager}`);
  const adopted = change.adopts === undefined ? '' : ` (adopted; last written by ${change.adopts})`;
  return [
    `${marks[change.action]} ${titleOf(change.subject)}${adopted}${why}`,
    ...taken,
    ...change.fields.flatMap(fieldLines),
  ];
}

function fieldLines({ path, before, after }: FieldChange): readonly string[] {
  return [
    ...(before === undefined ? [] : [`-   ${path}: ${shown(before)}`]),
    ...(after === undefined ? [] : [`+   ${path}: ${shown(after)}`]),
  ];
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : canonical(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}… (${text.length} characters)` : text;
}

/** A block that nothing inside it can end: values come from manifests and servers. */
function fenced(language: string, lines: readonly string[]): string {
  const clean = lines.map((line) => line.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' '));
  const longest = Math.max(
    2,
    ...clean.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)),
  );
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${clean.join('\n')}\n${fence}\n`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>@`*_[\]|\\]/g, (found) => `&#${found.codePointAt(0) ?? 63};`);
}

function clustersText(clusters: readonly string[]): string {
  const more = clusters.length - mostClusters;
  return `${clusters.slice(0, mostClusters).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function endOf(plan: Plan): string {
  if (plan.isReadOnly === true)
    return `Made by reading alone: what the API servers would say is unknown, and nobody can approve it. Plan \`${plan.hash}\`\n`;
  return `Plan \`${plan.hash}\`\n\nNext: \`toryo plan --out plan.json\` makes a file of it, \`toryo approve plan.json\` signs it, \`toryo apply plan.json\` does this and nothing else.\n`;
}

const bytes = (text: string): number => Buffer.byteLength(text);

/** What fits, the gravest first, and an honest word on what does not. */
function within(head: readonly string[], sections: readonly Section[], end: string): string {
  const [start, room] = [head.join(''), mostBytes - bytes(end) - 300];
  const top = bytes(start) > room ? `The table of clusters is too long for a comment.\n\n` : start;
  const grave = sections.filter((one) => one.isGrave);
  const order = [...grave, ...sections.filter((one) => !one.isGrave)];
  let text = top;
  for (const [index, section] of order.entries()) {
    if (bytes(text) + bytes(section.text) > room) {
      const left = order.slice(index);
      const graves = left.filter((one) => one.isGrave).length;
      return `${text}**Cut here**: ${left.length} of ${order.length} groups of changes are not shown${graves === 0 ? '' : `, ${graves} of them with deletions, blocked or taken fields`}. \`toryo plan -o wide\` shows all of them.\n\n${end}`;
    }
    text += section.text;
  }
  return text + end;
}
