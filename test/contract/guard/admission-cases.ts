import type { KubeObject } from '../../../src/objects/index.ts';
import { object } from '../kube/server.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A policy, what its bindings say besides its name, and objects that are sent under it. */
export interface Case {
  readonly policy: Fields;
  readonly binding?: Fields;
  readonly objects: readonly KubeObject[];
  /** What must be said of the objects, one letter each: (a)llowed, (r)efused, (w)arned, (-) nothing. */
  readonly verdicts: string;
}

export const namespaces: readonly KubeObject[] = [
  {
    ...object('v1', 'Namespace', 'shop'),
    metadata: { name: 'shop', labels: { tier: 'gold', team: 'shop' } },
  },
  { ...object('v1', 'Namespace', 'bank'), metadata: { name: 'bank', labels: { tier: 'iron' } } },
];

/** Parameters: namespaced ConfigMaps, and a PriorityClass as one that is in no namespace. */
export const parameters: readonly KubeObject[] = [
  { ...object('v1', 'ConfigMap', 'limits', 'shop'), data: { most: '3', registry: 'registry.example.com/' } },
  {
    ...object('v1', 'ConfigMap', 'extra', 'shop'),
    metadata: { name: 'extra', namespace: 'shop', labels: { use: 'limits' } },
    data: { most: '5' },
  },
  { ...object('scheduling.k8s.io/v1', 'PriorityClass', 'ceiling'), value: 7 },
];

export const map = (name: string, data: Fields = {}, namespace = 'shop'): KubeObject => ({
  ...object('v1', 'ConfigMap', name, namespace),
  data,
});

export const deployment = (name: string, replicas: number, container: Fields = {}): KubeObject => ({
  ...object('apps/v1', 'Deployment', name, 'shop'),
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image: 'registry.example.com/web:1', ...container }] },
    },
  },
});

export const rule = (apiGroup: string, apiVersion: string, resource: string, more: Fields = {}): Fields => ({
  apiGroups: [apiGroup],
  apiVersions: [apiVersion],
  resources: [resource],
  operations: ['CREATE', 'UPDATE'],
  ...more,
});
export const maps = { resourceRules: [rule('', 'v1', 'configmaps')] };
export const deployments = { resourceRules: [rule('apps', 'v1', 'deployments')] };
export const says = (expression: string, more: Fields = {}): Fields => ({
  validations: [{ expression, ...more }],
});
export const onMaps = (expression: string, more: Fields = {}): Fields => ({
  matchConstraints: maps,
  ...says(expression, more),
});
const configMapKind = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } };

/** One expression of many: which one is tried, `data.what` says. */
const byKind = (all: Readonly<Record<string, string>>): string =>
  Object.entries(all).reduceRight(
    (rest, [what, one]) => `object.data.what == '${what}' ? (${one}) : ${rest}`,
    'true',
  );

/** Each ends in an error of its own, whose words are compared. */
const failing: Readonly<Record<string, string>> = {
  key: "object.data.none == ''",
  type: 'object.data + 1 == 2',
  add: 'object.data.what + 1 == 2',
  int: 'int(object.data.what) == 1',
  double: 'double(object.data.what) == 1.0',
  bool: 'bool(object.data.what)',
  call: "object.data.startsWith('a')",
  argument: 'object.data.what.startsWith(object.data)',
  null: 'oldObject.a == 1',
  deep: 'object.data.what.deep == 1',
  divided: '1 / (size(object.data) - 1) == 1',
  modulus: '1 % (size(object.data) - 1) == 1',
  index: '[1][size(object.data)] == 1',
  less: 'object.data < 1',
  lessnull: 'oldObject < 1',
  lesstext: 'object.data.what < 1',
  loop: 'oldObject.all(x, x)',
  looptext: 'object.data.what.all(x, x)',
  size: 'size(oldObject) == 1',
  regex: "'a'.matches('(' + object.data.what)",
  lookahead: "'a'.matches('(?=a)' + object.data.what)",
  find: "'a'.find('[' + object.data.what) == ''",
  ip: "ip(object.data.what) == ip('::1')",
  cidr: 'cidr(object.data.what).prefixLength() == 1',
  quantity: 'quantity(object.data.what).isInteger()',
  integer: "quantity('1.5').asInteger() == size(object.data)",
  url: "url(object.data.what).getHost() == ''",
  semver: 'semver(object.data.what).major() == 1',
  and: 'object.data.none && object.data.what',
  or: 'object.data.what || object.data.none',
  in: '1 in object.data.what',
  time: 'timestamp(object.data.what) < timestamp(0)',
  duration: "duration(object.data.what) < duration('1s')",
  substring: "object.data.what.substring(20) == ''",
  char: "object.data.what.charAt(20) == ''",
  optional: "object.data.?x.value() == ''",
  gethours: 'object.data.what.getHours() == 1',
  matches: "object.data.matches('a')",
  contains: 'object.data.what.contains(object.data)',
  charat: 'object.data.charAt(1) == ""',
  plus: "'a' + object == ''",
  not: '!object.data.what',
  choice: 'object.data.what ? true : false',
  minus: '-object.data.what == 1',
  over: '9223372036854775807 + size(object.data) == 1',
  under: 'uint(size(object.data) - 2) == 1u',
  list: "object.data[1] == ''",
  textindex: "object.data.what[0] == ''",
  listkey: '[1, 2][object.data.what] == 1',
  sum: "dyn(['a']).sum() == 1",
  min: '[1].filter(x, x > 1).min() == 1',
  slice: '[1].slice(0, size(object.data) + 4) == [1]',
  join: "dyn([1]).join('') == ''",
  split: "object.split('') == []",
  format: "'%d'.format([object.data.what]) == ''",
  hasnull: 'has(oldObject.a)',
  hastext: 'has(object.data.what.a)',
};

/** Each is true. */
const holding: Readonly<Record<string, string>> = {
  optionalchain: "object.?data.what.x.orValue('') == ''",
  optionaltext: "object.data.what.?x.orValue('') == '' && !oldObject.?a.hasValue()",
  repeated: "{'a': 1, object.data.what.substring(0, 0) + 'a': 2}.size() == 1",
  rounded: "'%.1f %.0f %.2f %e'.format([1.25, 2.5, -1.005, 12345.678]) == '1.2 2 -1.00 1.234568×10⁰⁴'",
  optional: "object.?data.?what.orValue('') == 'optional' && !object.?spec.?x.hasValue()",
  optmap: "object.metadata.?name.optMap(n, n + '!').orValue('') == 'optmap!'",
  optindex: "object.data[?'none'].orValue('x') == 'x' && [1, 2][?5].orValue(7) == 7",
  optlist: "[?object.data.?none, ?object.data.?what] == ['optlist']",
  numbers: '1 < 1.5 && 2u > 1 && dyn(1) == 1.0 && dyn(1) == 1u',
  quantity:
    "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('1500m').add(1).compareTo(quantity('2.5')) == 0",
  ip: "ip('fe80::1').isLinkLocalUnicast() && cidr('10.0.0.0/8').containsIP('10.1.2.3') && string(ip('::FFFF').family()) == '6'",
  url: "url('https://a.example.com:8080/p?q=1#f').getHostname() == 'a.example.com' && !isURL('nope')",
  regex:
    "'abc 123'.find('[0-9]+') == '123' && 'aXbX'.findAll('X') == ['X', 'X'] && 'x'.matches('^\\\\p{L}$')",
  lists: '[3, 1, 2].max() == 3 && [1, 2, 2].lastIndexOf(2) == 2 && [1, 2].isSorted() && [1, 2].sum() == 3',
  sets: "sets.contains([1, 2], [2]) && sets.intersects(['a'], ['a', 'b']) && sets.equivalent([1, 1], [1])",
  text: "'%s-%d'.format(['a', 2]) == 'a-2' && 'a,b'.split(',').join('.') == 'a.b' && 'Ab'.lowerAscii() == 'ab'",
  quote: 'strings.quote(\'a"b\') == \'"a\\\\"b"\'',
  format: "!format.dns1123Label().validate('web').hasValue() && format.named('uuid').hasValue()",
  semver: "semver('1.2.3').isLessThan(semver('1.10.0')) && semver('v1.2', true).minor() == 2",
  two: "{'a': 1}.transformList(k, v, k + string(v)) == ['a1'] && [5, 6].all(i, v, v == i + 5)",
  map: "{'a': 1, 'b': 2}.transformMap(k, v, v + 1) == {'a': 2, 'b': 3}",
  sorted:
    "[3, 1, 2].sort() == [1, 2, 3] && ['bb', 'a'].sortBy(x, size(x)) == ['a', 'bb'] && [[1], [2]].flatten() == [1, 2]",
  time: "timestamp('2024-02-29T12:30:00+01:00').getHours() == 11 && duration('90m').getHours() == 1",
  zone: "timestamp('2024-07-01T00:00:00Z').getHours('Asia/Tokyo') == 9",
  absorbed: 'object.data.none == 1 || true',
  request:
    "request.operation == 'CREATE' && request.resource.resource == 'configmaps' && request.kind.kind == 'ConfigMap' && request.namespace == 'shop' && request.name == 'request'",
  space:
    "namespaceObject.metadata.labels.tier == 'gold' && namespaceObject.status.phase == 'Active' && 'kubernetes' in namespaceObject.spec.finalizers",
  nothing: 'oldObject == null',
  bytes: "b'\\x41' == bytes('A') && size('👑') == 1",
  types: "type(object.data) == map && type(1) == int && type(ip('::1')) == net.IP",
  doubles: "string(1.0) == '1' && string(1e21) == '1e+21' && string(0.000001) == '1e-06'",
};

export const cases: Readonly<Record<string, Case>> = {
  'a message of its own': {
    policy: onMaps("object.data.color == 'blue'", { message: '  only blue \n' }),
    objects: [map('a', { color: 'blue' }), map('b', { color: 'red' })],
    verdicts: 'ar',
  },
  'no message': {
    policy: onMaps("\n  object.data.color\n   == 'blue' "),
    objects: [map('a', { color: 'red' })],
    verdicts: 'r',
  },
  'errors of all kinds refuse': {
    policy: onMaps(byKind(failing)),
    objects: Object.keys(failing).map((what) => map(what, { what })),
    verdicts: 'r'.repeat(Object.keys(failing).length),
  },
  'what is true of a thing': {
    policy: onMaps(byKind(holding)),
    objects: Object.keys(holding).map((what) => map(what, { what })),
    verdicts: 'a'.repeat(Object.keys(holding).length),
  },
  'has of what has no fields': {
    policy: onMaps("object.data.what == 'null' ? has(oldObject.a) : has(object.data.what.a)"),
    objects: [map('null', { what: 'null' }), map('text', { what: 'text' })],
    verdicts: 'rr',
  },
  'errors are ignored': {
    policy: { failurePolicy: 'Ignore', ...onMaps("object.data.color == 'blue'") },
    objects: [map('a'), map('b', { color: 'red' })],
    verdicts: 'ar',
  },
  'warnings, and the log': {
    policy: {
      matchConstraints: maps,
      validations: [
        { expression: 'has(object.data.color)', message: 'a color, please' },
        { expression: 'has(object.data.size)', messageExpression: "'no size of ' + object.metadata.name" },
      ],
    },
    binding: { validationActions: ['Warn', 'Audit'] },
    objects: [map('a', { color: 'x', size: 'y' }), map('b', { size: 'x' }), map('c', { other: 'x' })],
    verdicts: 'aww',
  },
  'messages that are computed': {
    policy: {
      matchConstraints: maps,
      validations: [
        {
          expression: "object.data.kind == 'fine'",
          message: 'the plain message',
          messageExpression:
            "object.data.kind == 'lines' ? 'a\\nb' : object.data.kind == 'blank' ? '  ' : object.data.kind == 'error' ? string(object.data.none) : '  computed ' + object.data.kind + ' '",
        },
      ],
    },
    objects: ['fine', 'lines', 'blank', 'error', 'used'].map((kind) => map(kind, { kind })),
    verdicts: 'arrrr',
  },
  variables: {
    policy: {
      matchConstraints: deployments,
      variables: [
        { name: 'containers', expression: 'object.spec.template.spec.containers' },
        { name: 'images', expression: 'variables.containers.map(c, c.image)' },
        { name: 'broken', expression: 'object.spec.none' },
      ],
      validations: [
        {
          expression: "variables.images.all(i, i.startsWith('registry.example.com/'))",
          messageExpression: "'images: ' + variables.images.join(', ')",
        },
        { expression: 'object.spec.replicas < 5 || variables.broken == 1' },
      ],
    },
    objects: [deployment('a', 1), deployment('b', 1, { image: 'docker.io/web' }), deployment('c', 9)],
    verdicts: 'arr',
  },
  'parameters by name': {
    policy: { ...configMapKind, ...onMaps('int(object.data.count) <= int(params.data.most)') },
    binding: { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } },
    objects: [map('a', { count: '3' }), map('b', { count: '4' }), map('c', { count: '1' }, 'bank')],
    verdicts: 'arr',
  },
  'parameters by label, of one namespace': {
    policy: {
      ...configMapKind,
      ...onMaps('int(object.data.count) <= int(params.data.most)', {
        messageExpression: "'at most ' + params.data.most",
      }),
    },
    binding: {
      paramRef: {
        namespace: 'shop',
        selector: { matchLabels: { use: 'limits' } },
        parameterNotFoundAction: 'Allow',
      },
    },
    objects: [map('a', { count: '5' }, 'bank'), map('b', { count: '6' }, 'bank')],
    verdicts: 'ar',
  },
  'parameters that are not there, and may not be': {
    policy: { ...configMapKind, ...onMaps('false') },
    binding: { paramRef: { name: 'nothing', parameterNotFoundAction: 'Allow' } },
    objects: [map('a')],
    verdicts: 'a',
  },
  'parameters in no namespace': {
    policy: {
      paramKind: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' },
      matchConstraints: deployments,
      ...says('object.spec.replicas <= params.value', {
        messageExpression: "'over ' + string(params.value)",
      }),
    },
    binding: { paramRef: { name: 'ceiling', parameterNotFoundAction: 'Deny' } },
    objects: [deployment('a', 7), deployment('b', 8)],
    verdicts: 'ar',
  },
  'parameters that nobody gives': {
    policy: { ...configMapKind, ...onMaps('params != null') },
    objects: [map('a')],
    verdicts: 'r',
  },
};
