import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, core } from './bench.ts';
import {
  appYaml,
  boatDefinition,
  configMapYaml,
  deploymentYaml,
  shopFiles,
  together,
} from './fleet-files.ts';

let bench: Bench;
const manifests = 'apps/shop/web/manifests/web.yaml';
const boats = 'apps/platform/boats/manifests/all.yaml';
const json = (object: unknown): string => `${JSON.stringify(object)}\n`;
const definition = json(
  boatDefinition({
    properties: {
      spec: {
        type: 'object',
        required: ['port'],
        properties: { port: { type: 'string' }, sails: { type: 'integer', minimum: 1 } },
      },
    },
  }),
);
const boat = (spec: object): string =>
  json({ apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'boat' }, spec });

const scaled = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 2 };
const much = { type: 'AverageValue', averageValue: 'much' };

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', components: 'server' });
  await bench.write({
    ...shopFiles(),
    [manifests]: configMapYaml('web'),
    'apps/platform/boats/app.yaml': appYaml('boats', 'platform', 'harbour'),
    [boats]: together(definition, boat({ port: 'Yokohama', sails: 2 })),
  });
  expect((await bench.toryo('lock')).code).toBe(0);
});
afterAll(() => bench.stop());

const refused = async (code = 3): Promise<string> => {
  const before = await bench.writes();
  const answer = await bench.toryo('apply', '--yes');
  expect(answer.code, answer.all).toBe(code);
  expect(await bench.writes('lab', before)).toEqual(new Map());
  expect(await bench.client().get(core('Namespace', 'shop-web'))).toBeUndefined();
  return answer.all;
};

describe('a namespace that does not exist yet', () => {
  it('does not keep the server from checking what will be in it', async () => {
    const plan = await bench.toryo('plan', '-o', 'json');
    expect(plan.code, plan.all).toBe(0);
    const changes = JSON.parse(plan.out).waves[0].clusters[0].changes as {
      subject: { kind: string; name: string };
      checkedBy: string;
      hasRights: boolean;
    }[];
    const how = (kind: string, name: string) =>
      changes.find((one) => one.subject.kind === kind && one.subject.name === name);
    expect(how('Namespace', 'shop-web')).toMatchObject({ checkedBy: 'dry-run', hasRights: true });
    expect(how('ConfigMap', 'web')).toMatchObject({ checkedBy: 'stand-in', hasRights: false });
    expect(how('RoleBinding', 'toryo:deploy')).toMatchObject({ checkedBy: 'stand-in', hasRights: true });
    expect(how('Boat', 'boat')).toMatchObject({ checkedBy: 'schema', hasRights: true });
  });

  it.each([
    [
      'an unknown field',
      json({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { ports: [{ port: 80 }], selecter: { app: 'web' } },
      }),
      /! Service\/shop-web\/web App\/shop\/web: apply Service\/shop-web\/web: refused by the API server: .*\.spec\.selecter: field not declared in schema/,
    ],
    [
      'a bad quantity',
      json({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'web' },
        spec: { ...scaled, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: much } }] },
      }),
      /! HorizontalPodAutoscaler\/shop-web\/web .*: refused by the API server: .*quantities must match the regular expression/,
    ],
    [
      'a bad name',
      configMapYaml('"Web_1"'),
      /! ConfigMap\/shop-web\/Web_1 .*refused by the API server: .*Invalid value: "Web_1"/,
    ],
    [
      'a selector that does not fit',
      deploymentYaml('web').replace('"matchLabels":{"app":"web"}', '"matchLabels":{"app":"other"}'),
      /! Deployment\/shop-web\/web .*`selector` does not match template `labels`/,
    ],
  ])('and %s in it is refused before anything is written', async (_what, text, message) => {
    await bench.write({ [manifests]: text });
    const said = await refused();
    expect(said).toMatch(message);
    expect(said).not.toContain('kube-node-lease');
    await bench.write({ [manifests]: configMapYaml('web') });
  });
});

describe('an instance of a kind that comes with it', () => {
  it.each([
    ['lacks a field', boat({}), 'spec.port: is required'],
    [
      'has a field of another type',
      boat({ port: 'a', sails: 'two' }),
      'spec.sails: must be of type integer, not string',
    ],
    ['has a field that nobody declares', boat({ port: 'a', sial: 1 }), 'spec.sial: no such field'],
    [
      'has several mistakes',
      boat({ sails: 0 }),
      'spec.port: is required; spec.sails: must be at least 1, not 0',
    ],
  ])('and %s is refused before anything is written', async (_what, text, message) => {
    await bench.write({ [boats]: together(definition, text) });
    expect(await refused(2)).toContain(`TRY-OBJ-014 Boat/harbour/boat on cluster lab: ${message}`);
  });

  it('and whose version is not served is refused too', async () => {
    await bench.write({
      [boats]: together(definition, boat({ port: 'a' }).replace('example.com/v1', 'example.com/v2')),
    });
    expect(await refused(2)).toContain('the API server has no Boat in example.com/v2');
    await bench.write({ [boats]: together(definition, boat({ port: 'a' })) });
  });
});

describe('what is refused on other grounds', () => {
  it('a field that safety depends on and nothing enforces, on a cluster that is no sandbox', async () => {
    const eks =
      'provider: eks\n  version: "1.35"\n  eks: { account: "111122223333", region: ap-northeast-1 }';
    await bench.edit('fleet.yaml', 'provider: kubeconfig', eks);
    const before = await bench.writes();
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(3);
    expect(answer.err).toMatch(/error TORYO_NOT_ENFORCED: .*Cluster\.spec\.provider: eks/);
    expect(await bench.writes('lab', before)).toEqual(new Map());
    await bench.edit('fleet.yaml', eks, 'provider: kubeconfig');
  });

  it('an apply that nobody confirms', async () => {
    const before = await bench.writes();
    const answer = await bench.toryo('apply');
    expect(answer.code, answer.all).toBe(2);
    expect(answer.err).toContain('give --yes');
    expect(await bench.writes('lab', before)).toEqual(new Map());
  });
});
