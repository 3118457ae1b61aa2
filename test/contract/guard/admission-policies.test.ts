import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { admissionVerdicts, creationOf, type AdmissionVerdict } from '../../../src/guard/index.ts';
import { statusOf } from '../../../src/kube/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { object, TestServer } from '../kube/server.ts';
import { matchCases } from './admission-match-cases.ts';
import { cases, namespaces, parameters, type Case } from './admission-cases.ts';

let server: TestServer;
let minor: number;

const label = 'case';
const caseName = (index: number): string => `case-${index}`;
const all = Object.entries({ ...cases, ...matchCases });
const group = 'admissionregistration.k8s.io/v1';

/** The policy and the binding of a case: they are about what carries its label. */
function pairOf({ policy, binding = {} }: Case, index: number): readonly [KubeObject, KubeObject] {
  const name = caseName(index);
  const spec = { policyName: name, validationActions: ['Deny'], ...binding };
  const matchResources = {
    objectSelector: { matchLabels: { [label]: name } },
    ...Object(spec).matchResources,
  };
  return [
    { ...object(group, 'ValidatingAdmissionPolicy', name), spec: { failurePolicy: 'Fail', ...policy } },
    {
      ...object(group, 'ValidatingAdmissionPolicyBinding', `bind-${name}`),
      spec: { ...spec, matchResources },
    },
  ];
}

function labelled(one: KubeObject, index: number): KubeObject {
  const labels = { ...one.metadata.labels, [label]: caseName(index) };
  return { ...one, metadata: { ...one.metadata, labels } };
}

/** What the API server says of an object: nothing, warnings, or why not. */
async function answered(one: KubeObject): Promise<string> {
  try {
    const { warnings } = await server.client.apply(one, { fieldManager: 'test', dryRun: true });
    return warnings.join('\n');
  } catch (error) {
    return statusOf(error)?.message ?? String(error);
  }
}

/** The same in our words. */
function told(one: KubeObject, verdict: AdmissionVerdict | undefined): string {
  if (verdict?.is === 'unknown') return `unknown: ${verdict.messages.join('\n')}`;
  if (verdict?.is === 'warned') return verdict.messages.join('\n');
  if (verdict?.is !== 'refused') return '';
  const kinds: Readonly<Record<string, string>> = {
    ConfigMap: 'configmaps',
    Deployment: 'deployments.apps',
    Namespace: 'namespaces',
    Service: 'services',
  };
  return `${kinds[one.kind] ?? one.kind} "${one.metadata.name}" is forbidden: ${verdict.messages[0] ?? ''}`;
}

const letters = { allowed: 'a', refused: 'r', warned: 'w', unknown: '?' } as const;

beforeAll(async () => {
  server = await TestServer.start();
  const { gitVersion } = await server.client.version();
  minor = Number(gitVersion.split('.')[1]);
  for (const one of [...namespaces, ...parameters]) await server.client.create(one);
  await Promise.all(
    all.flatMap(([, one], index) => pairOf(one, index).map((each) => server.client.create(each))),
  );
  // The last policy of all: what it refuses shows that the server knows those before it.
  const last: Case = {
    policy: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] },
        ],
      },
      validations: [{ expression: 'false', message: 'known' }],
    },
    objects: [],
    verdicts: '',
  };
  for (const each of pairOf(last, all.length)) await server.client.create(each);
  const probe = labelled({ ...object('v1', 'ConfigMap', 'probe', 'shop'), data: {} }, all.length);
  await vi.waitFor(async () => expect(await answered(probe)).toContain('known'), 60_000);
});
afterAll(() => server.stop());

describe('ValidatingAdmissionPolicies, against a real API server', () => {
  it.each(all.map(([name, one], index) => ({ name, one, index })))(
    '$name: the same verdict, in the same words',
    async ({ one, index }) => {
      const world = { objects: [...namespaces, ...parameters], minor, isComplete: true };
      const objects = one.objects.map((each) => labelled(each, index));
      const verdicts = objects.map((each) =>
        admissionVerdicts(creationOf(each, world), pairOf(one, index), world),
      );
      const theirs = await Promise.all(objects.map(answered));
      expect(objects.map((each, at) => told(each, verdicts[at]?.[0]))).toEqual(theirs);
      expect(verdicts.map(([verdict]) => (verdict === undefined ? '-' : letters[verdict.is])).join('')).toBe(
        one.verdicts,
      );
    },
  );
});
