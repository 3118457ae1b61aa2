import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareText, failure, isObject, numberAt, parseYaml, stringAt } from '../lib/index.ts';

/** One version of an add-on: its manifests as text, with `$(namespace)` where the namespace goes. */
export interface AddonVersion {
  readonly version: string;
  /** Path below the package, for messages. */
  readonly file: string;
  readonly text: string;
}

/** What a machine of an instance type has. */
export interface InstanceType {
  readonly name: string;
  readonly cpu: number;
  readonly memoryMiB: number;
  /** Pods without prefix delegation: ENIs x (IPv4 per ENI - 1) + 2, as the VPC CNI counts. */
  readonly pods: number;
}

/** The data in catalog/, as one value that is passed as an argument. */
export interface Catalog {
  /** Add-ons by name, versions in rising order. */
  readonly addons: ReadonlyMap<string, readonly AddonVersion[]>;
  readonly instanceTypes: ReadonlyMap<string, InstanceType>;
}

const folder = fileURLToPath(new URL('../../catalog/', import.meta.url));

/** Reads the catalogue that comes with the package. */
export function loadCatalog(): Catalog {
  return { addons: readAddons(), instanceTypes: readInstanceTypes() };
}

function readAddons(): ReadonlyMap<string, readonly AddonVersion[]> {
  const addons = new Map<string, readonly AddonVersion[]>();
  for (const name of readdirSync(path.join(folder, 'addons')).sort(compareText)) {
    const files = readdirSync(path.join(folder, 'addons', name)).filter((file) => file.endsWith('.yaml'));
    const versions = files.map((file) => ({
      version: file.replace(/\.yaml$/, ''),
      file: `catalog/addons/${name}/${file}`,
      text: readFileSync(path.join(folder, 'addons', name, file), 'utf8'),
    }));
    addons.set(
      name,
      versions.sort((left, right) => compareVersions(left.version, right.version)),
    );
  }
  return addons;
}

function readInstanceTypes(): ReadonlyMap<string, InstanceType> {
  const file = 'instance-types.yaml';
  const parsed = parseYaml(readFileSync(path.join(folder, file), 'utf8'), file);
  const rows = parsed.value?.[0]?.value;
  const types = new Map<string, InstanceType>();
  for (const [name, row] of Object.entries(isObject(rows) ? rows : {})) {
    const [cpu, memoryMiB, pods] = [numberAt(row, 'cpu'), numberAt(row, 'memoryMiB'), numberAt(row, 'pods')];
    if (cpu === undefined || memoryMiB === undefined || pods === undefined) {
      throw failure('TORYO_INTERNAL', {
        why: `catalog/${file}: ${name} is not complete (${stringAt(row, 'source') ?? 'no source'})`,
      });
    }
    types.set(name, { name, cpu, memoryMiB, pods });
  }
  return types;
}

/** Orders `0.15.2` before `0.15.10`; a text that is no number compares as text. */
function compareVersions(left: string, right: string): number {
  const [a, b] = [left.split(/[.-]/), right.split(/[.-]/)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [one, other] = [a[index] ?? '0', b[index] ?? '0'];
    const difference =
      /^\d+$/.test(one) && /^\d+$/.test(other) ? Number(one) - Number(other) : compareText(one, other);
    if (difference !== 0) return difference;
  }
  return 0;
}
