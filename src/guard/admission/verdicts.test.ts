import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../objects/index.ts';
import { admissionVerdicts, creationOf, type AdmissionWorld } from '../index.ts';

type Fields = Readonly<Record<string, unknown>>;

const group = 'admissionregistration.k8s.io/v1';
const object = (apiVersion: string, kind: string, name: string, more: Fields = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});
const everything = {
  resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*'] }],
};
const policy = (spec: Fields): KubeObject =>
  object(group, 'ValidatingAdmissionPolicy', 'p', { spec: { matchConstraints: everything, ...spec } });
const binding = (spec: Fields = {}): KubeObject =>
  object(group, 'ValidatingAdmissionPolicyBinding', 'b', {
    spec: { policyName: 'p', validationActions: ['Deny'], ...spec },
  });
const says = (expression: string): Fields => ({ validations: [{ expression }] });

const settings: KubeObject = {
  ...object('v1', 'ConfigMap', 'settings', { data: { a: 'b' } }),
  metadata: { name: 'settings', namespace: 'shop' },
};
const shop = object('v1', 'Namespace', 'shop');

/** What a policy says of creating an object, in one line. */
function told(
  spec: Fields,
  {
    of = settings,
    bound = {},
    world = {},
  }: { of?: KubeObject; bound?: Fields; world?: Partial<AdmissionWorld> } = {},
): string {
  const whole = { objects: [shop], minor: 36, ...world };
  const verdicts = admissionVerdicts(creationOf(of, whole), [policy(spec), binding(bound)], whole);
  return verdicts.map(({ is, messages }) => [is, ...messages].join(': ')).join(' | ');
}

describe('a policy of the bundle', () => {
  it('refuses in the words of the API server', () => {
    expect(told(says("object.data.a == 'c'"))).toBe(
      "refused: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed expression: object.data.a == 'c'",
    );
  });

  it('warns, and writes to the log', () => {
    expect(told(says('false'), { bound: { validationActions: ['Warn'] } })).toBe(
      "warned: Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': failed expression: false",
    );
    expect(told(says('false'), { bound: { validationActions: ['Audit'] } })).toBe(
      'allowed: failed expression: false',
    );
  });

  it.each([
    ['who asks', "request.userInfo.username == 'me'", /userInfo is known only when something is sent/],
    ['how it is asked', 'request.dryRun', /dryRun is known only/],
    [
      'what somebody may do',
      "authorizer.group('').resource('pods').check('get').allowed()",
      /asks what somebody may do/,
    ],
    ['what the API server sets', "object.metadata.uid != ''", /metadata.uid is set by the API server/],
  ])('does not know %s', (_what, expression, why) => {
    expect(told(says(expression))).toMatch(/^unknown: /);
    expect(told(says(expression))).toMatch(why);
    expect(told(says(`${expression} || true`))).toBe('allowed');
  });

  it('does not take what it cannot know for a pass, and refuses what it can', () => {
    const spec = {
      validations: [{ expression: 'request.dryRun' }, { expression: 'false', message: 'never' }],
    };
    expect(told(spec)).toMatch(/^refused: .*never \| unknown: request\.dryRun: /);
    expect(told(spec, { bound: { validationActions: ['Warn'] } })).toMatch(/^unknown: request.dryRun/);
    const conditions = [{ name: 'a', expression: 'request.dryRun' }];
    expect(told({ ...says('false'), matchConditions: conditions })).toMatch(/^unknown/);
    const never = [...conditions, { name: 'b', expression: 'false' }];
    expect(told({ ...says('false'), matchConditions: never })).toBe('allowed');
  });

  it('asks who can answer', () => {
    const expression =
      "authorizer.serviceAccount('a', 'b').group('apps').resource('x').name('n').check('use').allowed()";
    const asked: unknown[] = [];
    const ask = (check: unknown) => {
      asked.push(check);
      return { isAllowed: true };
    };
    expect(told(says(expression), { world: { ask } })).toBe('allowed');
    expect(asked).toEqual([
      { serviceAccount: { namespace: 'a', name: 'b' }, group: 'apps', resource: 'x', name: 'n', verb: 'use' },
    ]);
  });

  it('needs the namespace, if it reads more than its name', () => {
    const world = { objects: [] };
    const by = (key: string): Fields => ({
      matchResources: { namespaceSelector: { matchExpressions: [{ key, operator: 'Exists' }] } },
    });
    expect(told(says('false'), { world, bound: by('tier') })).toMatch(
      /^unknown: the labels of namespace shop/,
    );
    expect(told(says('true'), { world, bound: by('kubernetes.io/metadata.name') })).toBe('allowed');
    expect(told(says("'a' in namespaceObject.metadata.labels"), { world })).toMatch(
      /^unknown: .*namespace shop is not among the objects/,
    );
  });

  it('needs its parameters, unless it is known that there are none', () => {
    const spec = { paramKind: { apiVersion: 'v1', kind: 'Secret' }, ...says('params != null') };
    const bound = { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } };
    expect(told(spec, { bound })).toBe('unknown: no Secret limits in namespace shop is among the objects');
    expect(told(spec, { bound, world: { isComplete: true } })).toMatch(
      /^refused: .*failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction$/,
    );
    const custom = { ...spec, paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' } };
    expect(told(custom, { bound })).toMatch(
      /^unknown: what Limit of example.com\/v1 is, nobody defines here/,
    );
  });

  it('that does not compile on the oldest cluster says nothing of anything', () => {
    expect(told(says('[2, 1].sort() == [1, 2]'), { world: { minor: 34 } })).toMatch(
      /^unknown: the policy does not compile on Kubernetes 1.34: compilation error: .*undeclared reference to 'sort'.*new policies may use it since 1.35/,
    );
    expect(told(says('object.data'))).toMatch(/must evaluate to bool but got dyn/);
  });

  it('is asked about an object of another version, which only the API server can convert', () => {
    const of = object('autoscaling/v1', 'HorizontalPodAutoscaler', 'web');
    const rules = (matchPolicy: string): Fields => ({
      ...says('false'),
      matchConstraints: {
        matchPolicy,
        resourceRules: [
          {
            apiGroups: ['autoscaling'],
            apiVersions: ['v2'],
            resources: ['horizontalpodautoscalers'],
            operations: ['*'],
          },
        ],
      },
    });
    expect(told(rules('Equivalent'), { of })).toMatch(/^unknown: .*converts the object to autoscaling\/v2/);
    expect(told(rules('Exact'), { of })).toBe('');
  });

  it('reads a custom object as the version that it is about', () => {
    const names = { plural: 'gateways', kind: 'Gateway' };
    const versions = ['v1', 'v2'].map((name) => ({ name, served: true }));
    const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'gateways.example.com', {
      spec: { group: 'example.com', names, versions, scope: 'Cluster' },
    });
    const spec = {
      ...says(
        "object.apiVersion == 'example.com/v1' && request.kind.version == 'v1' && request.requestKind.version == 'v2'",
      ),
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['gateways'], operations: ['*'] },
        ],
      },
    };
    expect(
      told(spec, { of: object('example.com/v2', 'Gateway', 'web'), world: { objects: [definition] } }),
    ).toBe('allowed');
  });

  it('sees a custom object with the defaults of its definition', () => {
    const schema = {
      properties: {
        spec: {
          default: {},
          properties: { size: { default: 3 }, parts: { items: { properties: { on: { default: true } } } } },
        },
      },
    };
    const names = { plural: 'boats', kind: 'Boat' };
    const versions = [{ name: 'v1', served: true, schema: { openAPIV3Schema: schema } }];
    const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'boats.example.com', {
      spec: { group: 'example.com', names, versions, scope: 'Cluster' },
    });
    const world = { objects: [definition] };
    const of = object('example.com/v1', 'Boat', 'a', { spec: { parts: [{}] } });
    expect(told(says('object.spec.size == 3 && object.spec.parts[0].on'), { of, world })).toBe('allowed');
    expect(told(says('object.spec.size == 3'), { of: object('example.com/v1', 'Boat', 'b'), world })).toBe(
      'allowed',
    );
  });

  it('is not asked about policies, nor without a binding', () => {
    expect(told(says('false'), { of: policy({}) })).toBe('');
    const world = { objects: [], minor: 36 };
    expect(admissionVerdicts(creationOf(settings, world), [policy(says('false'))], world)).toEqual([]);
  });
});
