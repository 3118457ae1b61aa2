import { compareText, platformTenant } from '../../lib/index.ts';
import { endsOf, type End } from './end.ts';
import { tenantLabelOf, type NetworkPlace } from './place.ts';
import { differenceOf, isNone, noConnections, unionOf, type Connections } from './ports.ts';
import { passing } from './reach.ts';
import type { ReachVerdict } from './reason.ts';

/** some: a part of the pods, addresses or ports that are meant; outside: both ends are, and no policy is about them. */
export interface MatrixCell {
  readonly from: string;
  readonly to: string;
  readonly verdict: ReachVerdict | 'some' | 'outside';
  /** Ports that pass for some pair of them. */
  readonly ports: Connections;
}

/** Who reaches whom on one cluster; cells by row, in the order of the columns. */
export interface Matrix {
  readonly cluster: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly cells: readonly (readonly MatrixCell[])[];
}

/** What stands for one row or column: Apps and Addons, or namespaces. */
export type MatrixUnit = 'owner' | 'namespace';

interface Entry {
  readonly name: string;
  readonly ends: readonly End[];
}

/** Every App and Addon that makes pods (or every namespace), each against each, and against network sets outside. */
export function matrixOf(place: NetworkPlace, unit: MatrixUnit): Matrix {
  const inside = unit === 'owner' ? ownerEntries(place) : namespaceEntries(place);
  const sets = ['dns', 'internet', ...Object.keys(place.fleet.networkSets).sort(compareText)];
  const outside = sets.flatMap((name) => entryOf(name, place));
  const rows = [...inside, ...outside.filter((one) => one.name === 'internet')];
  const columns = [...inside, ...outside];
  return {
    cluster: place.cluster,
    rows: rows.map((one) => one.name),
    columns: columns.map((one) => one.name),
    cells: rows.map((row) => columns.map((column) => cellOf(place, row, column))),
  };
}

/** Namespaces without pods of an App stand for themselves: for any pod in them. */
function ownerEntries(place: NetworkPlace): readonly Entry[] {
  const names = [...place.owned.keys()].sort(compareText);
  const used = new Set([...place.owned.values()].flat().map((group) => group.namespace));
  const empty = [...place.network.namespaces.keys()].filter(
    (name) => !used.has(name) && tenantLabelOf(place.network, name) !== platformTenant,
  );
  return [
    ...names.flatMap((name) => entryOf(name, place)),
    ...empty.sort(compareText).flatMap((name) => entryOf(`namespace/${name}`, place)),
  ];
}

function namespaceEntries(place: NetworkPlace): readonly Entry[] {
  const { network } = place;
  const names = new Set([...network.namespaces.keys(), ...network.groups.map((one) => one.namespace)]);
  return [...names].sort(compareText).flatMap((name) => entryOf(`namespace/${name}`, place));
}

function entryOf(name: string, place: NetworkPlace): readonly Entry[] {
  const named = endsOf(name, place);
  return named.is === 'found' ? [{ name, ends: named.ends }] : [];
}

interface CellAnswer {
  readonly verdict: ReachVerdict;
  readonly isWhole: boolean;
  readonly ports: Connections;
}

function cellOf(place: NetworkPlace, row: Entry, column: Entry): MatrixCell {
  if ([...row.ends, ...column.ends].every((one) => one.endpoint.is === 'outside'))
    return { from: row.name, to: column.name, verdict: 'outside', ports: noConnections };
  const answers = row.ends.flatMap((from) => column.ends.flatMap((to) => answersOf(place, from, to)));
  const verdicts = new Set(answers.map((one) => one.verdict));
  const [only] = verdicts;
  const isOne = verdicts.size === 1 && (only !== 'allowed' || answers.every((one) => one.isWhole));
  return {
    from: row.name,
    to: column.name,
    verdict: isOne && only !== undefined ? only : 'some',
    ports: unionOf(answers.map((one) => one.ports)),
  };
}

function answersOf(place: NetworkPlace, from: End, to: End): readonly CellAnswer[] {
  return passing(place.network, from.endpoint, to.endpoint, to.ports).map(({ verdict, ports }) => ({
    verdict,
    ports,
    isWhole: isNone(differenceOf(to.ports, ports)),
  }));
}
