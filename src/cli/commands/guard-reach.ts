import { failure } from '../../lib/index.ts';
import {
  connectionsFrom,
  connectionsText,
  unionOf,
  type Connections,
  type Matrix,
  type MatrixCell,
  type TenantPath,
} from '../../guard/index.ts';
import { isolationOn, matricesOn, reachOn, type Enforcement, type ReachAnswer } from '../../toryo.ts';
import { printedData } from '../printed-data.ts';
import { isFleet, isFolder } from '../manifest-files.ts';
import { invalid, openFleet } from '../repository.ts';
import type { Session } from '../session.ts';
import type { Style } from '../style.ts';
import { sectionsText, tableText } from '../table.ts';

export interface ReachOptions {
  readonly cluster?: readonly string[];
  readonly port?: readonly string[];
  readonly matrix?: boolean;
  readonly isolation?: boolean;
  readonly by?: 'owner' | 'namespace';
}

/** Exit codes of architecture.md: a gate that failed, and a part that could not be known. */
const refusedExit = 3;
const unknownExit = 6;

/** `toryo guard reach FROM TO [path]`, or with --matrix or --isolation only `[path]`. */
export async function guardReach(
  words: readonly string[],
  options: ReachOptions,
  session: Session,
): Promise<number> {
  if (session.format === 'name')
    throw failure('TORYO_USAGE', { why: 'guard reach has answers and no names: -o name is not for it' });
  const isWhole = options.matrix === true || options.isolation === true;
  const { from, to, path } = wordsOf(words, isWhole);
  if (!isWhole && words.length === 2) mustBeCalled(from, to);
  const ports = portsOf(options);
  const built = await openFleet(path, session);
  if (built === undefined) return invalid;
  const { cluster: clusters = [], by = 'owner' } = options;
  if (options.isolation === true) return printIsolation(isolationOn(built, clusters), session);
  if (options.matrix === true) return printMatrices(matricesOn(built, clusters, by), session);
  return printAnswers(reachOn(built, { from, to, ports, clusters }), session);
}

interface Words {
  readonly from: string;
  readonly to: string;
  readonly path: string;
}

function wordsOf(words: readonly string[], isWhole: boolean): Words {
  const [from, to, path = '.', ...more] = isWhole ? ['', '', ...words] : words;
  if (from !== undefined && to !== undefined && more.length === 0) return { from, to, path };
  const why = isWhole
    ? 'with --matrix and --isolation only the folder of the fleet repository is named'
    : 'name who calls and who is called: `toryo guard reach App/shop/web dns`';
  throw failure('TORYO_USAGE', { why });
}

/** The folder of a fleet in the place of TO: who is called was forgotten. */
function mustBeCalled(from: string, to: string): void {
  if (!isFolder(to) || !isFleet(to)) return;
  const why = `name who is called, ${to} is the folder of a fleet: \`toryo guard reach ${from} dns ${to}\``;
  throw failure('TORYO_USAGE', { why });
}

function portsOf({ port: texts }: ReachOptions): Connections | undefined {
  if (texts === undefined) return undefined;
  return unionOf(
    texts.map((text) => {
      const ports = connectionsFrom(text);
      if (ports !== undefined) return ports;
      throw failure('TORYO_USAGE', { why: `--port ${text} is not 8080/TCP, 8000-8100/UDP or all/TCP` });
    }),
  );
}

const colors: Readonly<Record<MatrixCell['verdict'], Parameters<Style>[0]>> = {
  allowed: 'green',
  refused: 'red',
  unknown: 'yellow',
  some: 'yellow',
  outside: 'dim',
};

function printAnswers(answers: readonly ReachAnswer[], session: Session): number {
  if (!printedData(answers, session)) {
    const head = ['FROM', 'TO', 'VERDICT', 'PORTS', 'CLUSTERS', 'WHY'];
    const rows = answers.map((one) => [
      one.from,
      one.to,
      session.format === 'markdown' ? one.verdict : session.style(colors[one.verdict], one.verdict),
      portsText(one),
      one.clusters.join(', '),
      one.reason,
    ]);
    printTable(head, rows, session);
    for (const text of new Set(answers.flatMap((one) => one.openings))) session.say(`to open it: ${text}\n`);
    tellEnforcement(
      answers.flatMap((one) => one.clusters.map((cluster) => ({ ...one, cluster }))),
      session,
    );
  }
  if (answers.some((one) => one.verdict === 'refused')) return refusedExit;
  return answers.some((one) => one.verdict === 'unknown') ? unknownExit : 0;
}

function printTable(head: readonly string[], rows: readonly (readonly string[])[], session: Session): void {
  if (session.format === 'markdown') session.print(markdownTable(head, rows));
  else session.show(tableText(head, rows, session.style.columns()));
}

function portsText({ ports, doubtful }: ReachAnswer): string {
  if (doubtful === 'none') return ports;
  return ports === 'none' ? `perhaps ${doubtful}` : `${ports}, perhaps ${doubtful}`;
}

/** Says where policies are only stored: the answers above are then what would be. */
function tellEnforcement(
  ones: readonly { readonly cluster: string; readonly enforcement: Enforcement }[],
  session: Session,
): void {
  const clusters = (enforcement: Enforcement): string =>
    [...new Set(ones.filter((one) => one.enforcement === enforcement).map((one) => one.cluster))].join(', ');
  const stored = clusters('stored');
  const unknown = clusters('unknown');
  // What stands in a pull request must say it too.
  const say = (line: string): void =>
    session.format === 'markdown' ? session.print(`\n${line}\n`) : session.say(`${line}\n`);
  if (stored !== '')
    say(`not enforced on ${stored}: NetworkPolicies are only stored there, so everything passes`);
  if (unknown !== '') say(`not known to be enforced on ${unknown}: say \`networkPolicies\` in the Cluster`);
}

type PlacedMatrix = Matrix & { readonly enforcement: Enforcement };

function printMatrices(matrices: readonly PlacedMatrix[], session: Session): number {
  const data = matrices.map(({ cells, ...one }) => ({
    ...one,
    cells: cells.flat().map((cell) => ({ ...cell, ports: connectionsText(cell.ports) })),
  }));
  if (printedData(data, session)) return 0;
  const isMarkdown = session.format === 'markdown';
  const same = Map.groupBy(matrices, ({ rows, columns, cells, enforcement }) =>
    JSON.stringify([rows, columns, cells, enforcement]),
  );
  for (const group of same.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const title = `cluster ${group.map((one) => one.cluster).join(', ')}`;
    if (isMarkdown) session.print(`### ${title}\n\n${markdownMatrix(first)}\n`);
    else session.show(`${title}\n${matrixText(first, session.style)}\n`);
  }
  session.say(
    'from rows to columns: yes, or the ports; some: part of its pods or addresses; -: refused; ?: unknown\n',
  );
  tellEnforcement(matrices, session);
  return 0;
}

function matrixText({ rows, columns, cells }: Matrix, style: Style): string {
  const numbers = columns.map((_, index) => String(index + 1));
  const named = columns.map((name, index) => `${index + 1} ${name}`);
  const body = rows.map((name, row) => [
    named[columns.indexOf(name)] ?? name,
    ...(cells[row] ?? []).map((cell) => style(colors[cell.verdict], cellText(cell))),
  ]);
  const others = named.filter((_, index) => !rows.includes(columns[index] ?? ''));
  const more = others.length === 0 ? '' : `${others.join('   ')}\n`;
  return `${sectionsText(['FROM \\ TO', ...numbers], body, style.columns())}${more}`;
}

function markdownMatrix({ rows, columns, cells }: Matrix): string {
  return markdownTable(
    ['from \\ to', ...columns],
    rows.map((name, row) => [name, ...(cells[row] ?? []).map(cellText)]),
  );
}

const longestPorts = 16;

function cellText({ verdict, ports }: MatrixCell): string {
  if (verdict === 'refused') return '-';
  if (verdict === 'outside') return '';
  if (verdict === 'unknown') return '?';
  const text = connectionsText(ports);
  if (text === 'all ports') return verdict === 'allowed' ? 'yes' : 'some';
  return text === 'none' || text.length > longestPorts ? 'some' : text;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}

type PlacedIsolation = ReturnType<typeof isolationOn>[number];

function printIsolation(proofs: readonly PlacedIsolation[], session: Session): number {
  const data = proofs.map((one) => ({
    ...one,
    declared: one.declared.map(pathData),
    holes: one.holes.map(pathData),
  }));
  if (!printedData(data, session)) {
    const rows = proofs.map((one) => [
      one.cluster,
      ...[one.tenants, one.namespaces, one.pairs, one.closed, one.declared.length, one.holes.length].map(
        String,
      ),
    ]);
    const head = ['CLUSTER', 'TENANTS', 'NAMESPACES', 'PAIRS', 'CLOSED', 'DECLARED', 'HOLES'];
    printTable(head, rows, session);
    for (const proof of proofs) tellProof(proof, session);
    tellEnforcement(proofs, session);
  }
  return proofs.some((one) => one.holes.length > 0) ? refusedExit : 0;
}

function pathData(path: TenantPath): object {
  return { ...path, connections: connectionsText(path.connections) };
}

function tellProof({ cluster, declared, holes, nodeNetwork }: PlacedIsolation, session: Session): void {
  const isMarkdown = session.format === 'markdown';
  // What stands in a pull request must say it too.
  const say = (line: string): void => (isMarkdown ? session.print(`\n${line}\n`) : session.say(`${line}\n`));
  for (const one of declared) say(`${cluster}: declared ${pathText(one)}`);
  for (const one of holes) {
    const word = one.isByAddressOnly ? 'possible hole' : 'hole';
    say(`${cluster}: ${isMarkdown ? word : session.style('red', word)} ${pathText(one)}`);
  }
  if (nodeNetwork.length > 0)
    say(`${cluster}: ${nodeNetwork.join(', ')} let pods onto the node’s network, where no policy holds`);
}

function pathText({ from, to, connections, policies, unrestricted }: TenantPath): string {
  const by = [
    ...(policies.length > 0 ? [`by ${policies.join(', ')}`] : []),
    ...unrestricted.map(
      (way) => `no policy restricts ${way} of ${way === 'egress' ? from.namespace : to.namespace}`,
    ),
  ];
  return `${from.namespace} (${from.tenant}) -> ${to.namespace} (${to.tenant}), ${connectionsText(connections)}: ${by.join('; ')}`;
}
