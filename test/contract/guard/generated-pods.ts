type Fields = Readonly<Record<string, unknown>>;

/** Numbers from 0 to 1, the same in each run for one seed (Park and Miller's minimal standard generator). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Pods whose every field that a rule reads has one of its interesting values, or none; a field is said in about one of three. */
export function generatedPods(count: number, seed: number): readonly Fields[] {
  const next = numbers(seed);
  const pick = <T>(values: readonly T[]): T | undefined => values[Math.floor(next() * values.length)];
  const maybe = <T>(...values: readonly T[]): T | undefined => (next() < 0.35 ? pick(values) : undefined);
  const some = <T>(...values: readonly T[]): readonly T[] | undefined => {
    const chosen = values.filter(() => next() < 0.4);
    return next() < 0.5 || chosen.length === 0 ? undefined : chosen;
  };

  const confinement = () => ({
    seccompProfile: maybe<Fields>(
      { type: 'RuntimeDefault' },
      { type: 'Unconfined' },
      { type: 'Localhost', localhostProfile: 'audit.json' },
    ),
    appArmorProfile: maybe<Fields>(
      { type: 'RuntimeDefault' },
      { type: 'Unconfined' },
      { type: 'Localhost', localhostProfile: 'strict' },
    ),
    seLinuxOptions: maybe<Fields>({ level: 's0:c1' }, { type: 'container_t' }, { user: 'u', role: 'r' }),
    runAsUser: maybe(0, 7, 1000, 70_000),
    runAsGroup: maybe(0, 500, 1000),
    runAsNonRoot: maybe(true, false),
  });

  const container = (name: string): Fields => ({
    name,
    image: pick([
      'web',
      'registry.example.com/shop/web:1.4',
      'registry.example.com.evil.example/web',
      'registry.example.com:5000/web',
      'web:5000/evil/web:1',
      `registry.example.com/shop/web:1@sha256:${'a1'.repeat(32)}`,
    ]),
    ports: some(
      { containerPort: 80 },
      { containerPort: 7472, hostPort: 7472 },
      { containerPort: 81, hostPort: 8081 },
    ),
    volumeMounts: some(
      { name: 'a', mountPath: '/a', readOnly: true },
      { name: 'b', mountPath: '/b', readOnly: next() < 0.5 },
    ),
    livenessProbe: maybe<Fields>(
      { httpGet: { port: 80 } },
      { httpGet: { host: 'db', port: 80 } },
      { tcpSocket: { host: 'x', port: 1 } },
    ),
    lifecycle: maybe<Fields>({ preStop: { httpGet: { host: 'y', port: 80 } } }),
    securityContext: {
      ...confinement(),
      privileged: maybe(true, false),
      allowPrivilegeEscalation: maybe(true, false, false),
      readOnlyRootFilesystem: maybe(true, true, false),
      capabilities: maybe<Fields>(
        { drop: ['ALL'] },
        { drop: ['NET_RAW'], add: ['CHOWN'] },
        { add: ['NET_ADMIN', 'SYS_TIME'] },
        { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
      ),
      procMount: maybe('Default'),
    },
  });

  const sources: readonly Fields[] = [
    {},
    { emptyDir: {} },
    { hostPath: { path: '/var/log' } },
    { hostPath: { path: '/var/log/pods/' } },
    { hostPath: { path: '/var/logs' } },
    { hostPath: { path: '/' } },
    { csi: { driver: 'secrets-store.csi.k8s.io' } },
    { csi: { driver: 'other.example.com' } },
    { flexVolume: { driver: 'example/lvm' } },
    { nfs: { server: 'n', path: '/' } },
    { projected: { sources: [{ secret: { name: 's' } }] } },
    { image: { reference: 'registry.example.com/data:1', pullPolicy: 'Always' } },
    { image: { reference: 'registry.example.com/data:1' }, hostPath: { path: '/' } },
  ];
  const volume = (name: string): Fields => ({ name, ...pick(sources) });

  return Array.from({ length: count }, () => ({
    containers: [container('web'), ...(next() < 0.4 ? [container('proxy')] : [])],
    initContainers: next() < 0.3 ? [container('init')] : undefined,
    volumes: [volume('a'), volume('b')],
    hostNetwork: maybe(true, false),
    hostPID: maybe(true, false),
    hostIPC: maybe(true, false),
    runtimeClassName: maybe('gvisor', 'kata'),
    serviceAccountName: maybe('speaker', 'default'),
    automountServiceAccountToken: maybe(false),
    os: next() < 0.03 ? { name: 'windows' } : undefined,
    securityContext: {
      ...confinement(),
      fsGroup: maybe(0, 1000, 70_000),
      supplementalGroups: some(0, 1000, 70_000),
      sysctls: some(
        { name: 'kernel.shm_rmid_forced', value: '1' },
        { name: 'net.core.somaxconn', value: '1' },
        { name: 'kernel.msgmax', value: '1' },
      ),
    },
  }));
}

/** Every kind that makes a pod of a template, and where the template stands. */
export const podMakers: readonly ((
  pod: Fields,
  annotations: Fields,
) => { apiVersion: string; kind: string; more: Fields })[] = [
  (spec) => ({ apiVersion: 'v1', kind: 'Pod', more: { spec } }),
  (spec, annotations) => ({
    apiVersion: 'v1',
    kind: 'PodTemplate',
    more: { template: { metadata: { annotations }, spec } },
  }),
  ...(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'] as const).map(
    (kind) => (spec: Fields, annotations: Fields) => ({
      apiVersion: 'apps/v1',
      kind,
      more: { spec: { selector: { matchLabels: { a: 'b' } }, template: templateOf(spec, annotations) } },
    }),
  ),
  (spec, annotations) => ({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    more: { spec: { selector: { a: 'b' }, template: templateOf(spec, annotations) } },
  }),
  (spec, annotations) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    more: { spec: { template: templateOf({ ...spec, restartPolicy: 'Never' }, annotations) } },
  }),
  (spec, annotations) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    more: {
      spec: {
        schedule: '0 0 * * *',
        jobTemplate: { spec: { template: templateOf({ ...spec, restartPolicy: 'Never' }, annotations) } },
      },
    },
  }),
];

function templateOf(spec: Fields, annotations: Fields): Fields {
  return { metadata: { labels: { a: 'b' }, annotations }, spec };
}
