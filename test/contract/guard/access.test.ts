import { fileURLToPath } from 'node:url';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultAccess } from '../../../src/catalog/index.ts';
import {
  canI,
  grantsOf,
  groupNamed,
  isAccessObject,
  relationOf,
  userNamed,
  type Relation,
} from '../../../src/guard/index.ts';
import { accessOf, openClient, readKubeconfig, type KubeClient } from '../../../src/kube/index.ts';
import { at, parseJson } from '../../../src/lib/index.ts';
import { keyOf, refOf, type KubeObject } from '../../../src/objects/index.ts';
import { defaultVersion, startCluster, type RunningCluster } from '../../../src/sandbox/index.ts';
import { build } from '../../../src/toryo.ts';
import { until } from '../../e2e/bench.ts';
import { object, testRun } from '../kube/server.ts';
import { Dice, generatedAccess, words } from './access-objects.ts';
import { questions, type Asked } from './access-questions.ts';

let folder: string;
let cluster: RunningCluster;
let client: KubeClient;
let wanted: readonly KubeObject[];

/** Another one makes other objects and questions. */
const seed = Number(process.env['ACCESS_SEED'] ?? 20_261_121);
const group = 'rbac.authorization.k8s.io';
const acme = fileURLToPath(new URL('../../../examples/acme', import.meta.url));

/** The RBAC objects that `toryo build` makes for one cluster of examples/acme. */
async function compiled(): Promise<readonly KubeObject[]> {
  const { value } = await build(acme, { env: process.env }, testRun());
  const bundle = value?.bundles.find((one) => one.cluster === 'shop-tokyo');
  return (bundle?.manifests ?? []).map((one) => one.object).filter(isAccessObject);
}

async function live(): Promise<readonly KubeObject[]> {
  const kinds = ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'];
  const lists = await Promise.all(kinds.map((kind) => client.list({ group, kind })));
  return lists.flatMap((list) => list.items);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toryo-access-'));
  // With its controllers: one of them makes aggregated roles whole.
  cluster = await startCluster({ name: 'access', version: defaultVersion }, folder, testRun());
  client = openClient({ ...accessOf(await readKubeconfig([cluster.kubeconfig])), name: 'access' }, testRun());
  wanted = [...(await compiled()), ...generatedAccess(seed)];
  const namespaces = new Set([...wanted.flatMap((one) => one.metadata.namespace ?? []), ...words.namespaces]);
  for (const name of namespaces) {
    const isThere = (await client.get({ group: '', kind: 'Namespace', name })) !== undefined;
    if (!isThere) await client.create(object('v1', 'Namespace', name));
  }
  for (const one of wanted) await client.apply(one, { fieldManager: 'test' });
  let before = '';
  await until(
    async () => {
      const rules = JSON.stringify((await live()).map((one) => one['rules']));
      const isSettled = rules === before;
      before = rules;
      await new Promise((resolve) => setTimeout(resolve, 2000));
      return isSettled;
    },
    (isSettled) => isSettled,
    60,
  );
});
afterAll(async () => {
  await client?.close();
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The API server's own word. */
async function served({ user, groups, request }: Asked): Promise<boolean> {
  const attributes =
    'path' in request
      ? { nonResourceAttributes: { verb: request.verb, path: request.path } }
      : { resourceAttributes: request };
  const spec = { user, groups, ...attributes };
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  const { status, text } = await client.raw('POST', path, { body });
  if (status !== 201) throw new Error(`${status} ${text}`);
  return at(parseJson(text), 'status', 'allowed') === true;
}

function ours(relation: Relation, { user, groups, request }: Asked): boolean {
  return canI(relation, [userNamed(user), ...groups.map(groupNamed)], request).allowed;
}

describe('who may do what, against SubjectAccessReview', () => {
  it('the relation of wanted objects, and that of live ones, say what the API server says', async () => {
    const { grants } = grantsOf(wanted, defaultAccess(defaultVersion));
    const asked = questions(9000, grants, new Dice(seed + 1));
    const answers: boolean[] = [];
    for (let begin = 0; begin < asked.length; begin += 200)
      answers.push(...(await Promise.all(asked.slice(begin, begin + 200).map(served))));
    const relations = {
      wanted: relationOf([grantsOf(wanted, defaultAccess(defaultVersion))]),
      live: relationOf([grantsOf(await live())]),
    };
    const different = asked.flatMap((one, index) =>
      Object.entries(relations)
        .filter(([, relation]) => ours(relation, one) !== answers[index])
        .map(([which]) => `${which}: ${JSON.stringify(one)} is ${String(answers[index])} at the server`),
    );
    const allowed = answers.filter(Boolean).length;
    process.stdout.write(
      `access ${asked.length} triples, ${different.length} differences (${allowed} allowed)\n`,
    );
    expect(different.slice(0, 10)).toEqual([]);
    // Else the generator asks what nobody may do.
    expect(allowed).toBeGreaterThan(asked.length / 5);
  });

  it('values of Secrets stand in answers to patches and deletions, and to nothing else that writes', async () => {
    const all = '/api/v1/namespaces/default/secrets';
    const one = `${all}/told`;
    await client.create({ ...object('v1', 'Secret', 'told', 'default'), stringData: { a: 'hidden' } });
    const shown = async (method: string, path: string, body?: object) => {
      const options = body === undefined ? {} : { body, contentType: 'application/merge-patch+json' };
      return (await client.raw(method, path, options)).text.includes(btoa('hidden'));
    };
    expect(await shown('PATCH', `${one}?dryRun=All`, {})).toBe(true);
    expect(await shown('DELETE', `${one}?dryRun=All&propagationPolicy=Foreground`)).toBe(true);
    expect(await shown('DELETE', `${all}?dryRun=All`)).toBe(true);
    expect(await shown('DELETE', `${one}?dryRun=All`)).toBe(false);
    const replaced = await client.raw('PUT', `${one}?dryRun=All`, {
      body: object('v1', 'Secret', 'told', 'default'),
    });
    expect(replaced.status).toBe(200);
    expect(replaced.text).not.toContain(btoa('hidden'));
  });

  it('what the catalogue says every API server makes is what it made', async () => {
    const substance = (one: KubeObject): unknown => [
      keyOf(refOf(one)),
      one['aggregationRule'] ?? one['rules'] ?? null,
      one['subjects'] ?? null,
      one['roleRef'] ?? null,
      one.metadata.labels,
    ];
    const made = (await live()).filter(
      (one) => one.metadata.labels?.['kubernetes.io/bootstrapping'] !== undefined,
    );
    const sorted = (all: readonly KubeObject[]): readonly unknown[] =>
      all.toSorted((left, right) => (keyOf(refOf(left)) < keyOf(refOf(right)) ? -1 : 1)).map(substance);
    expect(sorted(made)).toEqual(sorted(defaultAccess(defaultVersion)));
  });
});
