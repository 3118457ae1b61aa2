import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  claimViolations,
  contradictions,
  limitMessage,
  limitViolations,
  quotaViolations,
  withDefaults,
} from '../../../src/guard/index.ts';
import { statusOf } from '../../../src/kube/index.ts';
import { listAt, objectAt } from '../../../src/lib/index.ts';
import { podOf, quantityOf, quantityText, type KubeObject } from '../../../src/objects/index.ts';
import { errorOf, object, TestServer } from '../kube/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
  await server.client.create({
    ...object('node.k8s.io/v1', 'RuntimeClass', 'heavy'),
    handler: 'heavy',
    overhead: { podFixed: { cpu: '300m', memory: '16Mi' } },
  });
  for (const [name, isUsual] of [
    ['high', false],
    ['usual', true],
  ] as const)
    await server.client.create({
      ...object('scheduling.k8s.io/v1', 'PriorityClass', name),
      value: 1,
      globalDefault: isUsual,
    });
});
afterAll(() => server.stop());

type Fields = Readonly<Record<string, unknown>>;

const image = 'registry.example.com/web:1';
const box = (name: string, requests?: Fields, limits?: Fields, more: Fields = {}): Fields => ({
  name,
  image,
  resources: { ...(requests && { requests }), ...(limits && { limits }) },
  ...more,
});
const podIn = (namespace: string, spec: Fields): KubeObject => ({
  ...object('v1', 'Pod', 'web', namespace),
  spec,
});

let spaces = 0;

/** A namespace of its own with these objects in it. */
async function space(...objects: readonly KubeObject[]): Promise<{ name: string; there: KubeObject[] }> {
  const name = `space-${(spaces += 1)}`;
  await server.client.create(object('v1', 'Namespace', name));
  await server.client.create(object('v1', 'ServiceAccount', 'default', name));
  const there: KubeObject[] = [];
  for (const one of objects)
    there.push(await server.client.create({ ...one, metadata: { ...one.metadata, namespace: name } }));
  return { name, there };
}

const range = (...limits: readonly Fields[]): KubeObject => ({
  ...object('v1', 'LimitRange', 'limits'),
  spec: { limits },
});

/** The same words whatever their order: the API server goes through a map. */
const words = (message: string): readonly string[] =>
  message
    .replace(/^\[(.*)\]$/, '$1')
    .split(/, (?=minimum|maximum|[a-z.-]+ max limit)/)
    .toSorted();

const ranges: Readonly<Record<string, KubeObject>> = {
  'defaults only': range({ type: 'Container', default: { memory: '256Mi' }, defaultRequest: { cpu: '50m' } }),
  'bounds of containers': range({
    type: 'Container',
    max: { cpu: '1', memory: '1024Mi' },
    min: { cpu: '100m' },
    maxLimitRequestRatio: { memory: '2' },
  }),
  'bounds of pods': range({ type: 'Pod', max: { cpu: '1500m' }, min: { memory: '64Mi' } }),
  'min and default': range({ type: 'Container', min: { cpu: '10m' }, default: { cpu: '0.5' } }),
  ratio: range({ type: 'Container', maxLimitRequestRatio: { cpu: '1.5' } }),
};
const pods: Readonly<Record<string, Fields>> = {
  'says nothing': { containers: [box('a')] },
  'asks for much': { containers: [box('a', { cpu: '2', memory: '2Gi' }, { cpu: '3', memory: '4096Mi' })] },
  'asks for little': { containers: [box('a', { cpu: '5m', memory: '1Mi' }, { cpu: '0.05', memory: '1e7' })] },
  'only limits': { containers: [box('a', undefined, { cpu: '1200m', memory: '128974848' })] },
  'two, and a first step': {
    initContainers: [box('init', { cpu: '1' }, { cpu: '1600m' })],
    containers: [box('a', { cpu: '800m' }, { cpu: '800m' }), box('b', { cpu: '900m' }, { cpu: '0.9' })],
  },
  'a sidecar beside it': {
    initContainers: [
      box('side', { cpu: '900m', memory: '32Mi' }, { cpu: '900m' }, { restartPolicy: 'Always' }),
    ],
    containers: [box('a', { cpu: '700m', memory: '31Mi' }, { cpu: '700m' })],
  },
  'overhead of its own': {
    runtimeClassName: 'heavy',
    overhead: { cpu: '300m', memory: '16Mi' },
    containers: [box('a', { cpu: '900m', memory: '63Mi' }, { cpu: '1300m' })],
  },
  'requests of zero': { containers: [box('a', { cpu: '0' }, { cpu: '1' })] },
};

/** Pods that say something for all containers together; a LimitRange for containers may contradict them. */
const whole: Readonly<Record<string, Fields>> = {
  'requests and limits of the pod': {
    resources: { requests: { cpu: '900m', memory: '80Mi' }, limits: { cpu: '1800m', memory: '90Mi' } },
    containers: [box('a'), box('b', { cpu: '100m' })],
  },
  'only limits of the pod': {
    resources: { limits: { cpu: '1200m', memory: '1200Mi' } },
    containers: [box('a'), box('b', { cpu: '300m' }, { cpu: '400m' })],
  },
  'only requests of the pod': {
    resources: { requests: { cpu: '600m' } },
    containers: [box('a', { memory: '32Mi' }, { memory: '3Gi' })],
  },
  'large pages': {
    containers: [
      box(
        'a',
        { cpu: '100m', memory: '1Mi', 'hugepages-2Mi': '8Mi' },
        { cpu: '100m', memory: '1Mi', 'hugepages-2Mi': '8Mi' },
      ),
    ],
  },
};

/** Pods that ask for more than defaults allow. */
const large: Readonly<Record<string, Fields>> = {
  'more than the default limit': {
    initContainers: [box('init', { memory: '300Mi' })],
    containers: [box('a', { cpu: '600m', memory: '1Gi' }), box('b', { memory: '256Mi' })],
  },
  'less than the default request': { containers: [box('a', undefined, { cpu: '5m' })] },
  'a small pod as a whole': {
    resources: { requests: { cpu: '60m', memory: '8Mi' }, limits: { cpu: '200m', memory: '100Mi' } },
    initContainers: [box('side', undefined, undefined, { restartPolicy: 'Always' }), box('init')],
    containers: [box('a'), box('b', { cpu: '10m' })],
  },
};

describe('LimitRanges, against a real API server', () => {
  it.each(Object.entries(ranges))('%s: the same defaults and the same refusals', async (_name, wanted) => {
    const { name } = await space(wanted);
    for (const spec of Object.values({ ...pods, ...whole, ...large })) {
      const pod = podIn(name, spec);
      const stored = withDefaults(podOf(pod)!, [wanted]).pod;
      const [violations] = limitViolations(stored, [wanted]);
      const invalid = contradictions(podOf(pod)!, [wanted]).flatMap((one) => one.words);
      const answer = server.client.create(pod, { dryRun: true });
      // Where it is invalid nothing else is looked at.
      if (invalid.length > 0) {
        const message = statusOf(await errorOf(answer))?.message ?? '';
        const told = message.replace('Pod "web" is invalid: ', '').replace(/^\[(.*)\]$/, '$1');
        expect(told.split(/, (?=spec\.)/).toSorted()).toEqual(invalid.toSorted());
      } else if (violations === undefined) {
        const seen = await answer;
        for (const list of ['containers', 'initContainers'])
          expect(listAt(seen, 'spec', list).map((one) => resourcesOf(one))).toEqual(
            listAt(stored.spec, list).map((one) => resourcesOf(one, spelled)),
          );
      } else {
        const message = statusOf(await errorOf(answer))?.message ?? '';
        const told = message.replace('pods "web" is forbidden: ', '');
        expect(words(told)).toEqual(words(limitMessage(violations)));
        expect(told.startsWith('[')).toBe(violations.words.length > 1);
      }
    }
  });
});

describe('LimitRanges for claims, against a real API server', () => {
  it.each([
    ['1Gi', { storage: '512Mi' }],
    ['5Gi', { storage: '5120Mi' }],
    ['11Gi', { storage: '11811160065' }],
  ])('refuse the same, in the same words: %s', async (_name, requests) => {
    const wanted = range({
      type: 'PersistentVolumeClaim',
      min: { storage: '1Gi' },
      max: { storage: '10Gi' },
    });
    const { name } = await space(wanted);
    const claim = {
      ...object('v1', 'PersistentVolumeClaim', 'data', name),
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests } },
    };
    const [violations] = claimViolations(claim, [wanted]);
    const answer = server.client.create(claim, { dryRun: true });
    if (violations === undefined) await answer;
    else
      expect(statusOf(await errorOf(answer))?.message).toBe(
        `persistentvolumeclaims "data" is forbidden: ${limitMessage(violations)}`,
      );
  });
});

/** Requests and limits, each spelled as `spell` does. */
function resourcesOf(container: unknown, spell: (value: unknown) => unknown = (value) => value): Fields {
  const side = (field: string): Fields =>
    Object.fromEntries(
      Object.entries(objectAt(container, 'resources', field)).map(([key, value]) => [key, spell(value)]),
    );
  return { limits: side('limits'), requests: side('requests') };
}

const spelled = (value: unknown): string => quantityText(quantityOf(value)!);

const quota = (hard: Fields): KubeObject => ({ ...object('v1', 'ResourceQuota', 'quota'), spec: { hard } });

/** Says that nothing is used yet: the controller that does is not there. */
async function unused(stored: KubeObject): Promise<void> {
  const hard = objectAt(stored, 'spec', 'hard');
  const used = Object.fromEntries(Object.keys(hard).map((key) => [key, '0']));
  const path = `/api/v1/namespaces/${stored.metadata.namespace}/resourcequotas/quota/status`;
  await server.client.raw('PUT', path, { body: { ...stored, status: { hard, used } } });
}

const quotas: Readonly<Record<string, Fields>> = {
  'requests of cpu and memory': { 'requests.cpu': '1', 'requests.memory': '1Gi' },
  'limits too': { 'limits.cpu': '1500m', 'limits.memory': '2Gi', 'requests.cpu': '0.5' },
  'the short names': { cpu: '1', memory: '1024Mi' },
  'no pods at all': { pods: '0' },
  'large pages': { 'hugepages-2Mi': '4Mi' },
  'pods counted twice': { pods: '0', 'count/pods': '0', 'requests.ephemeral-storage': '1Gi' },
};

const ofPriority = (operator: string, ...values: readonly string[]): Fields => ({
  scopeSelector: {
    matchExpressions: [{ scopeName: 'PriorityClass', operator, ...(values.length > 0 && { values }) }],
  },
});

/** Quotas for some pods only, each of which it counts refused. */
const scoped: Readonly<Record<string, Fields>> = {
  BestEffort: { scopes: ['BestEffort'] },
  NotBestEffort: { scopes: ['NotBestEffort'] },
  Terminating: { scopes: ['Terminating'] },
  NotTerminating: { scopes: ['NotTerminating', 'BestEffort'] },
  CrossNamespacePodAffinity: {
    scopeSelector: { matchExpressions: [{ scopeName: 'CrossNamespacePodAffinity', operator: 'Exists' }] },
  },
  'any priority': ofPriority('Exists'),
  'no priority': ofPriority('DoesNotExist'),
  'of a priority': ofPriority('In', 'usual', 'low'),
  'of another priority': ofPriority('NotIn', 'high'),
};

const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { a: 'b' } } };
const special: Readonly<Record<string, Fields>> = {
  'ends by itself': { activeDeadlineSeconds: 60, containers: [box('a')] },
  'asks for nothing': { containers: [box('a', { cpu: '0' }, { 'ephemeral-storage': '1Gi' })] },
  important: { priorityClassName: 'high', containers: [box('a')] },
  'beside others': {
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
    containers: [box('a')],
  },
  'away from others elsewhere': {
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, podAffinityTerm: { ...term, namespaceSelector: {} } },
        ],
      },
    },
    containers: [box('a')],
  },
};

describe('ResourceQuotas for some pods, against a real API server', () => {
  it.each(Object.entries(scoped))('%s: refuse the same, in the same words', async (_name, scope) => {
    const wanted = quota({ pods: '0' });
    const { name, there } = await space({ ...wanted, spec: { hard: { pods: '0' }, ...scope } });
    await unused(there[0]!);
    for (const spec of Object.values({ ...pods, ...whole, ...special })) {
      const pod = podIn(name, spec);
      const { refusals } = quotaViolations([pod], there[0]!, { priorityClass: 'usual' });
      const answer = server.client.create(pod, { dryRun: true });
      const words = refusals[0] && `pods "web" is forbidden: ${refusals[0].words}`;
      expect([
        spec,
        await answer.then(
          () => undefined,
          (error) => statusOf(error)?.message,
        ),
      ]).toEqual([spec, words]);
    }
  });
});

describe('ResourceQuotas, against a real API server', () => {
  it.each(Object.entries(quotas))('%s: the same refusals, in the same words', async (_name, hard) => {
    const { name, there } = await space(quota(hard));
    await unused(there[0]!);
    for (const spec of [...Object.values(pods), ...Object.values(whole)]) {
      const pod = podIn(name, spec);
      const { refusals } = quotaViolations([pod], there[0]!);
      const answer = server.client.create(pod, { dryRun: true });
      if (refusals.length === 0) await answer;
      else
        expect(statusOf(await errorOf(answer))?.message).toBe(
          `pods "web" is forbidden: ${refusals[0]?.words}`,
        );
    }
  });

  it('counts after a LimitRange gave what a pod does not say', async () => {
    const { name, there } = await space(quota({ 'limits.memory': '1Gi' }), ranges['defaults only']!);
    await unused(there[0]!);
    const pod = podIn(name, { containers: [box('a'), box('b')] });
    expect(quotaViolations([pod, ...there], there[0]!).refusals).toEqual([]);
    await server.client.create(pod, { dryRun: true });
    const many = podIn(name, { containers: ['a', 'b', 'c', 'd', 'e'].map((one) => box(one)) });
    const [refusal] = quotaViolations([many, ...there], there[0]!).refusals;
    const message = statusOf(await errorOf(server.client.create(many, { dryRun: true })))?.message;
    expect(message).toBe(`pods "web" is forbidden: ${refusal?.words}`);
  });
});
