import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mixedObjects } from '../../../bench/mixed-objects.ts';
import { isEqual, isFailure } from '../../../src/lib/index.ts';
import {
  appliedUnchanged,
  difference,
  refOf,
  tierOf,
  titleOf,
  withLabels,
  type KubeObject,
} from '../../../src/objects/index.ts';
import { build } from '../../../src/toryo.ts';
import { TestServer, testRun } from '../kube/server.ts';
import { edited, numbersFrom } from './edits.ts';
import { oddObjects } from './odd-objects.ts';

const manager = 'toryo-acme';
const examples = fileURLToPath(new URL('../../../examples', import.meta.url));
const corpus = process.env['TORYO_CORPUS'] ?? path.resolve(examples, '../../shared/corpus');
const editsPerObject = Number(process.env['EDITS'] ?? 4);
const seed = Number(process.env['SEED'] ?? 1);

const tell = (text: string): void => void process.stderr.write(`${text}\n`);

let server: TestServer;
/** What was applied, and what is there. */
const stored: { wanted: KubeObject; live: KubeObject }[] = [];

async function objectsOf(root: string, mounts: ReadonlyMap<string, string>): Promise<readonly KubeObject[]> {
  const built = await build(root, { env: process.env, mounts }, testRun());
  const bundle = built.value?.bundles.at(-1);
  return bundle?.manifests.map((manifest) => manifest.object) ?? [];
}

async function wantedObjects(): Promise<readonly KubeObject[]> {
  const hasCorpus = existsSync(path.join(corpus, 'argo-cd', 'install.yaml'));
  const all = [
    ...oddObjects,
    ...mixedObjects(20, 'odd'),
    ...(await objectsOf(path.join(examples, 'acme'), new Map())),
    ...(hasCorpus ? await objectsOf(path.join(examples, 'upstream'), new Map([['corpus', corpus]])) : []),
  ]
    // Bound, the policies would hold objects of the other fleet, and, edited, any.
    .filter(({ kind, metadata }) => !(kind.endsWith('PolicyBinding') && metadata.name.startsWith('toryo-')))
    .map((object) => withLabels(object, { 'toryo.dev/fleet': 'acme' }));
  const byTitle = new Map(all.map((object) => [titleOf(refOf(object)), object]));
  return [...byTitle.values()].sort((left, right) => tierOf(left) - tierOf(right));
}

beforeAll(async () => {
  server = await TestServer.start();
  const skipped: string[] = [];
  const applied: KubeObject[] = [];
  for (const wanted of await wantedObjects()) {
    try {
      await server.client.apply(wanted, { fieldManager: manager });
      applied.push(wanted);
      if (wanted.kind !== 'CustomResourceDefinition') continue;
      await sleep(300);
      server.client.forgetDiscovery();
    } catch (error) {
      if (!isFailure(error)) throw error;
      skipped.push(`${titleOf(refOf(wanted))}: ${error.message}`);
    }
  }
  if (skipped.length > 0) tell(`not stored:\n${skipped.join('\n')}`);
  // What the server writes into the status of definitions comes a little later.
  await sleep(2000);
  for (const wanted of applied) {
    const live = await server.client.get(refOf(wanted), versionOf(wanted));
    if (live !== undefined) stored.push({ wanted, live });
  }
});
afterAll(() => server.stop());

const versionOf = (object: KubeObject) => ({ version: object.apiVersion.split('/').at(-1)! });

const plain = ({ metadata, ...rest }: KubeObject): object => {
  const { managedFields: _fields, resourceVersion: _version, generation: _generation, ...own } = metadata;
  return { ...rest, metadata: own };
};

/** What the server would store; undefined when it refuses. */
async function tried(wanted: KubeObject): Promise<KubeObject | undefined> {
  try {
    return (await server.client.apply(wanted, { fieldManager: manager, dryRun: true })).object;
  } catch (error) {
    if (!isFailure(error)) throw error;
    return undefined;
  }
}

interface Count {
  same: number;
  proven: number;
  readonly unproven: string[];
  readonly wrong: string[];
}

/** Holds each proof against the server's own word. */
async function compare(pairs: readonly { wanted: KubeObject; live: KubeObject }[]): Promise<Count> {
  const count: Count = { same: 0, proven: 0, unproven: [], wrong: [] };
  await Promise.all(
    pairs.map(async ({ wanted, live }) => {
      const isProven = appliedUnchanged(live, wanted, manager);
      const would = await tried(wanted);
      const isSame = would !== undefined && isEqual(plain(would), plain(live));
      if (isSame) count.same += 1;
      if (isProven) count.proven += 1;
      const title = titleOf(refOf(wanted));
      const fields = would === undefined ? 'refused' : JSON.stringify(difference(live, would));
      if (isProven && !isSame) count.wrong.push(`${title}: ${fields}`);
      if (isSame && !isProven) count.unproven.push(title);
    }),
  );
  return count;
}

const kinds = (): number => new Set(stored.map(({ wanted }) => `${wanted.apiVersion} ${wanted.kind}`)).size;

describe('what is applied again without a change', () => {
  it('is proven unchanged nearly always, and never wrongly', { timeout: 600_000 }, async () => {
    const { same, proven, unproven, wrong } = await compare(stored);
    tell(`${stored.length} objects of ${kinds()} kinds: ${same} are unchanged, ${proven} of them proven`);
    if (unproven.length > 0) tell(`not proven:\n${unproven.join('\n')}`);
    expect(wrong).toEqual([]);
    expect(kinds()).toBeGreaterThanOrEqual(30);
    expect(proven / same).toBeGreaterThanOrEqual(0.95);
  });
});

describe('what was edited', () => {
  it('is called unchanged only when the server would store the same', { timeout: 600_000 }, async () => {
    const random = numbersFrom(seed);
    const pairs = stored.flatMap(({ wanted, live }) =>
      Array.from({ length: editsPerObject }, () => ({ wanted: edited(wanted, random), live })),
    );
    const { same, proven, wrong } = await compare(pairs);
    tell(`${pairs.length} edits: ${same} change nothing, ${proven} of them proven`);
    expect(wrong).toEqual([]);
  });

  it('also where others have written to the object', { timeout: 600_000 }, async () => {
    const random = numbersFrom(seed + 1);
    const others: { wanted: KubeObject; live: KubeObject }[] = [];
    for (const { wanted, live } of stored) {
      const theirs = edited(live, random);
      const patch = {
        ...theirs,
        metadata: { ...theirs.metadata, managedFields: undefined, annotations: { theirs: 'yes' } },
      };
      try {
        const written = await server.client.patch(refOf(wanted), patch, {
          type: 'merge',
          fieldManager: 'someone',
          ...versionOf(wanted),
        });
        others.push({ wanted, live: written });
      } catch (error) {
        if (!isFailure(error)) throw error;
      }
    }
    const again = others.flatMap((one) => [one, { ...one, wanted: edited(one.wanted, random) }]);
    const { same, proven, wrong } = await compare(again);
    tell(
      `${others.length} objects written to by somebody else: ${same} of ${again.length} unchanged, ${proven} proven`,
    );
    expect(wrong).toEqual([]);
  });

  it('also where the edit was applied, and is taken back', { timeout: 600_000 }, async () => {
    const random = numbersFrom(seed + 2);
    const pairs: { wanted: KubeObject; live: KubeObject }[] = [];
    for (const { wanted } of stored) {
      const other = edited(wanted, random);
      try {
        await server.client.apply(other, { fieldManager: manager, force: true });
        const live = await server.client.get(refOf(wanted), versionOf(wanted));
        if (live === undefined) continue;
        pairs.push({ wanted, live }, { wanted: other, live }, { wanted: edited(wanted, random), live });
      } catch (error) {
        if (!isFailure(error)) throw error;
      }
    }
    const { same, proven, wrong } = await compare(pairs.filter(({ live }) => !isDefinition(live)));
    tell(`${pairs.length} pairs after an edit: ${same} unchanged, ${proven} proven`);
    expect(wrong).toEqual([]);
  });
});

// The server goes on writing to the status of what was just changed.
function isDefinition(object: KubeObject): boolean {
  return object.kind === 'CustomResourceDefinition';
}
