import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admissionVerdicts, creationOf } from '../../../src/guard/index.ts';
import { statusOf } from '../../../src/kube/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { configMap, object, TestServer } from '../kube/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

const expressions: readonly string[] = [
  'object.`a-b` == 1',
  '[1].first().hasValue()',
  'optional.unwrap([optional.of(1)]) == [1]',
  '[optional.of(1)].unwrapOpt() == [1]',
  '[1].includes(1)',
  "'abc'.reverse() == 'cba'",
  'math.greatest(1, 2) == 2',
  'cel.bind(a, 1, a == 1)',
  "base64.encode(b'a') == 'YQ=='",
  "jsonpatch.escapeKey('a') == 'a'",
  '[1, 2].existsOne(i, i == 1)',
  '[1, 2].exists_one(i, v, i == 1)',
  "strings.quote('a') == ''",
  "'%z'.format([1]) == ''",
  "'%d'.format(['a']) == ''",
  "'%d %d'.format([1]) == ''",
  '{1: 1, 1: 2}.size() == 1',
  "1 in ['a']",
  '[1, null] == []',
  'null == 1',
  'object == null',
  'type(1) == string',
  "ip('nope') == ip('::1')",
  "quantity('nope').isInteger()",
  "url('nope').getHost() == ''",
  "timestamp(0) < timestamp('x')",
  "duration('1h') > duration(1)",
  'request.userInfo.none == 1',
  'request.options.x == 1',
  'namespaceObject.metadata.uid == 1',
  "namespaceObject.metadata.UID == ''",
  'namespaceObject.metadata.managedFields == null',
  'namespaceObject.kind == 1',
  'authorizer.requestResource.check("x").allowed()',
  'has(object)',
  'object.a.b.all(i, j, true)',
  'variables.x == 1',
  'params.x == 1',
  'object.x ? true : 1',
  'true ? 1 : 2',
  'dyn(1) == "a"',
  "'a' < 'b' == true",
  '1 < 2 < 3',
  "object.a['x'] == 1 && object.a[0] == 1",
  '1u < 2 && 1 < 2.5 && 2u > 1.5',
  'object.spec == {}',
  "object.x == ['a', 1]",
  "dyn(['a']) == [1]",
  '[1].all(x, x)',
  '[[]].flatten() == []',
  '[].sum() == 0',
  'Object{a: 1} == object',
  "semver('1.2.3').isLessThan('1.2.4')",
  "object.metadata.name.matches('[')",
  'string(null) == ""',
  'int(true) == 1',
  'double("x") == 1.0',
  "string(object) == ''",
  "string(dyn({})) == ''",
  'size(1) == 1',
  "'a'.size() == 1u",
  'optional.of(1) == 1',
  '[?1] == [1]',
  "{?'a': 1} == {}",
  'x.y.z == 1',
  'object.in == 1',
  'object.for == 1',
  'object.true == 1',
  'a.b.c()',
  'lists.range(2) == [0, 1]',
  'lists.range(2u) == [0, 1]',
  '1 == 1.0',
  '1.0 in [1]',
  "sets.contains([1], ['a'])",
  "'abc'[0] == 'a'",
  "object.x.getHours() == 1 && timestamp(0).getHours('x') == 1",
  "cidr('1').ip() == ip('1')",
  "isCIDR('a') || isIP('a') || isURL('a') || isQuantity('a')",
  "ip('1').family() == '4'",
  "format.none().validate('a') == optional.none()",
  "format.named('x').value().validate(1) == optional.none()",
  "quantity('1') == 1",
  "quantity('1').add(1.0) == quantity('1')",
  "quantity('1') < quantity('2')",
  "kubernetes.Quantity == type(quantity('1'))",
  'type(1) == kubernetes.Quantity',
  'net.IP == net.CIDR',
  'object.a.map(x, y, true) == []',
  'object.a.map(x, true, 1) == [1]',
  'object.a.transformMap(k, v, v) == {}',
  'object.a.sortBy(x, x) == []',
  'object.a.sortBy(x, {}) == []',
  '[{}].sort() == []',
  "b'a' + b'b' == b'ab' && b'a' < b'b'",
  '-1u == 1u',
  '- 1 == -1',
  '--1 == 1',
  '!!true',
  '1 - -1 == 2',
  "'\\q' == ''",
  '1e400 == 1.0',
  '9223372036854775808 == 1',
  '-9223372036854775808 < 0',
  '0xFFFFFFFFFFFFFFFFu > 1u',
  'true // x',
  '#',
  'a b',
];

const group = 'admissionregistration.k8s.io/v1';
const rules = {
  resourceRules: [
    { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] },
  ],
};

function pairOf(expression: string, index: number): readonly [KubeObject, KubeObject] {
  const name = `policy-${index}`;
  const spec = { failurePolicy: 'Fail', matchConstraints: rules, validations: [{ expression }] };
  return [
    { ...object(group, 'ValidatingAdmissionPolicy', name), spec },
    {
      ...object(group, 'ValidatingAdmissionPolicyBinding', name),
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ];
}

/** Where an expression is wrong and what of it, as far as both say it: words about syntax are each reader's own. */
function mistakeIn(text: string | undefined): string {
  if (text === undefined) return 'compiles';
  const at = /ERROR: <input>:(\d+:\d+): ([^\n]*)/.exec(text);
  if (at === null)
    return /must evaluate to .*|no such overload: .*|type conversion error .*/.exec(text)?.[0] ?? text;
  const [, place = '', message = ''] = at;
  const isOwn = /yntax|invalid|'-_'/.test(message);
  return isOwn ? 'is no expression' : `${place} ${message.replace(/: it came with.*/, '')}`;
}

describe('the expressions of policies, against a real API server', () => {
  it('compile where they compile there, and are wrong where they are wrong there', async () => {
    const { gitVersion } = await server.client.version();
    const world = { objects: [], minor: Number(gitVersion.split('.')[1]) };
    const ours: string[] = [];
    const theirs: string[] = [];
    for (const [index, expression] of expressions.entries()) {
      const [policy, binding] = pairOf(expression, index);
      const [verdict] = admissionVerdicts(creationOf(configMap('web'), world), [policy, binding], world);
      const problem = verdict?.messages.find((one) => one.includes('does not compile'));
      const answer = await server.client.create(policy, { dryRun: true }).then(
        () => undefined,
        (error: unknown) => statusOf(error)?.message ?? String(error),
      );
      ours.push(`${expression}: ${mistakeIn(problem)}`);
      theirs.push(`${expression}: ${mistakeIn(answer)}`);
    }
    expect(ours).toEqual(theirs);
  });
});
