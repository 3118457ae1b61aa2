import { object } from '../kube/server.ts';
import { deployment, deployments, map, maps, onMaps, rule, says, type Case } from './admission-cases.ts';

const namespace = (name: string, labels: Readonly<Record<string, string>>) => ({
  ...object('v1', 'Namespace', name),
  metadata: { name, labels },
});

/** Cases of what policies are about, and of what the API server puts into objects. */
export const matchCases: Readonly<Record<string, Case>> = {
  'a namespaceSelector of a binding': {
    policy: onMaps('false', { message: 'never' }),
    binding: { matchResources: { namespaceSelector: { matchLabels: { tier: 'gold' } } } },
    objects: [map('a'), map('b', {}, 'bank')],
    verdicts: 'r-',
  },
  'a namespaceSelector of a policy': {
    policy: {
      matchConstraints: {
        ...maps,
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['shop'] }],
        },
      },
      ...says('false'),
    },
    objects: [map('a'), map('b', {}, 'bank')],
    verdicts: '-r',
  },
  'a Namespace is selected by its own labels': {
    policy: {
      matchConstraints: {
        resourceRules: [rule('', 'v1', 'namespaces', { scope: 'Cluster' })],
        namespaceSelector: { matchLabels: { tier: 'gold' } },
      },
      ...says('object.metadata.labels.tier == object.spec.none', { message: 'no' }),
    },
    objects: [namespace('gold', { tier: 'gold' }), namespace('iron', { tier: 'iron' })],
    verdicts: 'r-',
  },
  'a Namespace is in none': {
    policy: {
      matchConstraints: { resourceRules: [rule('', 'v1', 'namespaces')] },
      ...says("has(request.namespace) && request.namespace == 'space' && namespaceObject == null"),
    },
    objects: [namespace('space', {})],
    verdicts: 'a',
  },
  'rules that exclude, and names': {
    policy: {
      matchConstraints: {
        resourceRules: [rule('*', '*', '*')],
        excludeResourceRules: [
          rule('', 'v1', 'configmaps', { resourceNames: ['spared'] }),
          rule('apps', '*', '*/*'),
        ],
      },
      ...says('false'),
    },
    objects: [map('spared'), map('caught'), deployment('web', 1)],
    verdicts: '-r-',
  },
  'a rule for names': {
    policy: {
      matchConstraints: { resourceRules: [rule('', 'v1', 'configmaps', { resourceNames: ['caught'] })] },
      ...says('false'),
    },
    objects: [map('free'), map('caught')],
    verdicts: '-r',
  },
  'a rule for other operations, and for the rest of the cluster': {
    policy: {
      matchConstraints: {
        resourceRules: [
          rule('', 'v1', 'configmaps', { operations: ['DELETE'] }),
          rule('', 'v1', 'configmaps', { scope: 'Cluster' }),
        ],
      },
      ...says('false'),
    },
    objects: [map('a')],
    verdicts: '-',
  },
  matchConditions: {
    policy: {
      ...onMaps('false', { message: 'reached' }),
      matchConditions: [
        { name: 'has', expression: "object.data.team == 'a'" },
        { name: 'other', expression: '!has(object.data.skip)' },
      ],
    },
    objects: [
      map('a', { team: 'a' }),
      map('b', { team: 'b' }),
      map('c', { skip: 'yes' }),
      map('d', { other: 'x' }),
    ],
    verdicts: 'raar',
  },
  'matchConditions, with errors that are ignored': {
    policy: {
      failurePolicy: 'Ignore',
      ...onMaps('false', { message: 'reached' }),
      matchConditions: [{ name: 'has', expression: "object.data.team == 'a'" }],
    },
    objects: [map('a', { team: 'a' }), map('b', { other: 'x' })],
    verdicts: 'ra',
  },
  'two matchConditions that fail': {
    policy: {
      ...onMaps('false'),
      matchConditions: [
        { name: 'one', expression: "object.data.one == 'a'" },
        { name: 'two', expression: "object.data.two == 'a'" },
      ],
    },
    objects: [map('a', { other: 'x' })],
    verdicts: 'r',
  },
  'defaults of the API server': {
    policy: {
      matchConstraints: deployments,
      ...says(
        "object.spec.revisionHistoryLimit == 10 && object.spec.template.spec.restartPolicy == 'Always' && object.spec.template.spec.containers.all(c, c.imagePullPolicy == 'IfNotPresent')",
      ),
    },
    objects: [deployment('a', 1), deployment('b', 1, { image: 'registry.example.com/web' })],
    verdicts: 'ar',
  },
  quantities: {
    policy: {
      matchConstraints: deployments,
      ...says(
        "object.spec.template.spec.containers.all(c, quantity(c.?resources.?limits[?'memory'].orValue('0')).isLessThan(quantity('1Gi')))",
        { messageExpression: "'too much for ' + object.metadata.name" },
      ),
    },
    objects: [
      deployment('a', 1, { resources: { limits: { memory: '1000Mi' } } }),
      deployment('b', 1, { resources: { limits: { memory: '1e9' } } }),
      deployment('c', 1, { resources: { limits: { memory: '2G' } } }),
    ],
    verdicts: 'aar',
  },
  'addresses of a Service': {
    policy: {
      matchConstraints: { resourceRules: [rule('', 'v1', 'services')] },
      ...says(
        "object.spec.?loadBalancerSourceRanges.orValue([]).all(r, cidr('10.0.0.0/8').containsCIDR(r))",
        {
          message: 'only our own addresses',
        },
      ),
    },
    objects: ['10.1.2.0/24', '192.0.2.0/28'].map((address) => ({
      ...object('v1', 'Service', `s${address.length}`, 'shop'),
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }], loadBalancerSourceRanges: [address] },
    })),
    verdicts: 'ar',
  },
  'what costs too much': {
    policy: onMaps(
      'lists.range(200).all(a, lists.range(200).all(b, lists.range(200).all(c, a + b + c >= 0)))',
    ),
    objects: [map('a')],
    verdicts: 'r',
  },
  'what costs too much together': {
    policy: {
      matchConstraints: maps,
      validations: Array.from({ length: 14 }, (_one, index) => ({
        expression: `lists.range(350).all(a, lists.range(350).all(b, a + b >= ${-index}))`,
      })),
    },
    objects: [map('a')],
    verdicts: 'r',
  },
};
