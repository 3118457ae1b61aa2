import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundsMistakes } from '../../../src/guard/index.ts';
import { statusOf } from '../../../src/kube/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { object, TestServer } from '../kube/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

type Fields = Readonly<Record<string, unknown>>;

/** What the API server says; undefined when it takes the object. */
async function refusal(wanted: KubeObject): Promise<string | undefined> {
  return await server.client.create(wanted, { dryRun: true }).then(
    () => undefined,
    (error: unknown) => statusOf(error)?.message ?? String(error),
  );
}

/** `spec.limits[0].max[cpu]: `, and what the API server says there. */
function told(wanted: KubeObject): readonly (readonly [string, readonly string[]])[] {
  return boundsMistakes(wanted).map(({ path, words }) => {
    const [first, ...rest] = path;
    const isMap = wanted.kind === 'ResourceQuota' ? 2 : 4;
    const steps = rest.map((step, index) =>
      typeof step === 'number' || index + 1 >= isMap ? `[${step}]` : `.${step}`,
    );
    return [`${first}${steps.join('')}`, words.split(/, (?=must be|name part m|prefix part|doesn't)/)];
  });
}

const label = 'a'.repeat(64);
const hard: readonly Fields[] = [
  { bogus: '3' },
  { bogus: '1', pods: '1.5' },
  ...[
    'example.com/gpu',
    'requests.nvidia.com/gpu',
    'limits.nvidia.com/gpu',
    'kubernetes.io/x',
    'count/x',
  ].map((name) => ({ [name]: '1.5' })),
  ...[
    'count/',
    'count/a/b',
    'Bogus/x',
    '/x',
    'example.com/a b',
    `count/${label}`,
    label,
    '',
    'requests.',
  ].map((name) => ({ [name]: '1' })),
  ...[
    'storage',
    'limits.storage',
    'ephemeral-storage',
    'hugepages-',
    'hugepages-2Mi',
    'deployments.apps',
  ].map((name) => ({ [name]: '1' })),
  { 'limits.hugepages-2Mi': '1', 'requests.hugepages-2Mi': '1', 'requests.bogus': '1' },
  { 'gold.storageclass.storage.k8s.io/requests.storage': '1500m', secrets: '1.0', configmaps: '1.0001' },
  { cpu: '-1', pods: '-1', 'requests.memory': '0.5', 'requests.cpu': '2', 'limits.cpu': '1' },
];

describe('what an API server refuses of a ResourceQuota', () => {
  it.each(hard.map((one) => [JSON.stringify(one).slice(0, 80), one] as const))(
    'is told at the same fields, in the same words: %s',
    async (_name, one) => {
      const wanted = { ...object('v1', 'ResourceQuota', 'quota', 'test'), spec: { hard: one } };
      const message = (await refusal(wanted)) ?? '';
      const fields = [...message.matchAll(/(spec\.hard\[[^\]]*\]): /g)].map(([, field]) => field);
      const mistakes = told(wanted);
      expect(new Set(mistakes.map(([field]) => field))).toEqual(new Set(fields));
      const words = mistakes.flatMap(([, parts]) => parts);
      expect(words.filter((part) => !message.includes(part))).toEqual([]);
      expect(words).toHaveLength(fields.length);
    },
  );
});

const amounts: readonly Fields[] = [
  { min: { cpu: '2' }, max: { cpu: '1' } },
  { default: { cpu: '2' }, max: { cpu: '1' } },
  { defaultRequest: { cpu: '2' }, max: { cpu: '1' } },
  { defaultRequest: { cpu: '2' }, default: { cpu: '1' } },
  { default: { cpu: '1' }, min: { cpu: '2' } },
  { defaultRequest: { cpu: '1' }, min: { cpu: '2' } },
  { maxLimitRequestRatio: { cpu: '0.5' } },
  { maxLimitRequestRatio: { cpu: '3' }, min: { cpu: '1' }, max: { cpu: '2' } },
  { maxLimitRequestRatio: { cpu: '2' }, min: { cpu: '1' }, max: { cpu: '2' } },
  { maxLimitRequestRatio: { cpu: '3' }, min: { cpu: '0' }, max: { cpu: '2' } },
  { min: { memory: '2' }, max: { memory: '1' }, default: { memory: '3' }, defaultRequest: { memory: '4Ki' } },
  { default: { 'nvidia.com/gpu': '2' }, defaultRequest: { 'nvidia.com/gpu': '1' } },
  { max: { 'nvidia.com/gpu': '2' }, defaultRequest: { 'nvidia.com/gpu': '1' } },
  { default: { 'hugepages-2Mi': '4Mi' }, defaultRequest: { 'hugepages-2Mi': '2Mi' } },
  { default: { 'nvidia.com/gpu': '2' }, min: { 'nvidia.com/gpu': '1' } },
  { max: { bogus: '1' } },
  { max: { pods: '1', 'requests.cpu': '1', storage: '1', 'requests.nvidia.com/gpu': '1' } },
  { max: { 'limits.cpu': '1', 'count/pods': '1', 'kubernetes.io/x': '1', cpu: '-1' } },
  { min: { 'Example.com/x': '1', 'a b': '1' } },
  { default: { bogus: '1' }, max: { bogus: '1' } },
  { max: { storage: '1Gi' }, min: { storage: '2Gi', cpu: '1', bogus: '1' } },
  { max: { storage: '1Gi' }, defaultRequest: { storage: '2Gi' } },
  { default: { storage: '1Gi' } },
  {},
];

describe('what an API server refuses of a LimitRange', () => {
  it.each(['Container', 'Pod', 'PersistentVolumeClaim'])('is told, in its words: %s', async (type) => {
    for (const one of amounts) {
      const wanted = {
        ...object('v1', 'LimitRange', 'limits', 'test'),
        spec: { limits: [{ type, ...one }] },
      };
      const message = await refusal(wanted);
      const mistakes = told(wanted);
      expect([one, mistakes.length > 0]).toEqual([one, message !== undefined]);
      // It tells again of what it makes of other fields.
      const missing = mistakes.flatMap(([field, parts]) =>
        [field, ...parts].filter((part) => !(message ?? '').includes(part)),
      );
      expect([one, missing]).toEqual([one, []]);
    }
  });
});
