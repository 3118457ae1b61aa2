/** A pod's spec with quantities, empty and zero values, and lists that are compared as a whole. */
export const podSpec = {
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', value: '' }],
  hostNetwork: false,
  securityContext: {},
  containers: [
    {
      name: 'web',
      image: 'registry.example.com/web:1',
      args: ['--a', '--b'],
      command: [],
      env: [
        { name: 'A', value: '' },
        { name: 'B', value: '0.1' },
        { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1000m' } } },
        { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'a' } } },
      ],
      ports: [
        { name: 'http', containerPort: 8080 },
        { name: 'dns', containerPort: 53, protocol: 'UDP' },
      ],
      resources: { requests: { cpu: 0.5, memory: '1024Mi' }, limits: { cpu: '1000m', memory: '1Gi' } },
      volumeMounts: [
        { name: 'tmp', mountPath: '/tmp', readOnly: false },
        { name: 'token', mountPath: '/t' },
      ],
      livenessProbe: { httpGet: { path: '/', port: 'http', httpHeaders: [{ name: 'A', value: 'b' }] } },
      securityContext: { capabilities: { drop: ['ALL'] } },
    },
    { name: 'side', image: 'registry.example.com/side:1', resources: {} },
  ],
  volumes: [
    { name: 'tmp', emptyDir: { sizeLimit: '1024Mi' } },
    { name: 'more', emptyDir: {} },
    { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
    { name: 'map', configMap: { name: 'web', items: [{ key: 'a', path: 'a' }] } },
    { name: 'info', downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
  ],
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'zone',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { app: 'web' } },
    },
  ],
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 1,
          podAffinityTerm: { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'web' } } },
        },
      ],
    },
  },
};
/** The same as a template. */
export const template = { metadata: { labels: { app: 'web' }, creationTimestamp: null }, spec: podSpec };

/** A CustomResourceDefinition's spec with lists of each kind. */
export const definition = {
  group: 'example.com',
  scope: 'Namespaced',
  names: { plural: 'boats', kind: 'Boat' },
  versions: [
    {
      name: 'v1',
      served: true,
      storage: true,
      additionalPrinterColumns: [
        { name: 'a', type: 'string', jsonPath: '.spec.a', priority: 0, description: '' },
      ],
      schema: {
        openAPIV3Schema: {
          type: 'object',
          required: [],
          description: '',
          properties: {
            spec: {
              type: 'object',
              properties: {
                a: { type: 'string', nullable: true },
                size: { 'x-kubernetes-int-or-string': true },
                free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                names: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
                plain: {
                  type: 'array',
                  items: { type: 'object', properties: { n: { type: 'integer', default: 7 } } },
                },
                byKey: {
                  type: 'array',
                  'x-kubernetes-list-type': 'map',
                  'x-kubernetes-list-map-keys': ['id', 'protocol'],
                  items: {
                    type: 'object',
                    required: ['id'],
                    properties: {
                      id: { type: 'integer' },
                      protocol: { type: 'string', default: 'TCP' },
                      more: {
                        type: 'object',
                        additionalProperties: { type: 'object', properties: { x: { type: 'string' } } },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  ],
};
