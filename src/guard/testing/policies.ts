import * as fc from 'fast-check';
import { annotatedProfiles, policySpec, withoutNulls, type Psp } from '../psp/policy.ts';
import type { PodParts } from '../../objects/index.ts';

type Json = Readonly<Record<string, unknown>>;

/** A policy of these fields and annotations; rules that are left out let everything in. */
export function policy(spec: Json = {}, annotations: Json = {}, name = 'policy'): Psp {
  return {
    ...policySpec.parse(withoutNulls(spec)),
    name,
    ...annotatedProfiles({ annotations }),
    from: { file: 'psp.yaml', line: 1, column: 1, path: '' },
  };
}

/** A pod with one container. */
export function pod(spec: Json = {}, container: Json = {}, annotations: Json = {}): PodParts {
  return {
    metadata: { annotations },
    spec: { containers: [{ name: 'app', image: 'app', ...container }], ...spec },
  };
}

const some = <T>(...values: readonly T[]): fc.Arbitrary<T | undefined> =>
  fc.constantFrom(undefined, undefined, ...values);
const part = <T>(...values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values]);

const without = (fields: Json): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
const record = (shape: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Json> =>
  fc.record(shape).map(without);

const ranges = [{ min: 100, max: 200 }];
const wide = [
  { min: 0, max: 10 },
  { min: 1000, max: 2000 },
];
const ids = fc.constantFrom(
  { rule: 'RunAsAny' },
  { rule: 'MayRunAs', ranges },
  { rule: 'MustRunAs', ranges },
  { rule: 'MustRunAs', ranges: wide },
);
const truth = some(true, false);
const capabilities = [
  'NET_ADMIN',
  'SYS_ADMIN',
  'SYS_TIME',
  'CHOWN',
  'NET_BIND_SERVICE',
  'KILL',
  'ALL',
  'CAP_NET_ADMIN',
  'chown',
] as const;
const drivers = part('a.example', 'b.example');
const label = { level: 's0:c1,c2', role: 'r', type: 'container_t', user: 'u' };
const kinds = ['emptyDir', 'hostPath', 'csi', 'flexVolume', 'secret', 'nfs'] as const;
const seccompNames = ['runtime/default', 'docker/default', 'unconfined', 'localhost/a'] as const;

const specs = record({
  privileged: truth,
  allowPrivilegeEscalation: truth,
  requiredDropCapabilities: fc.constantFrom([], ['ALL'], ['KILL', 'CHOWN'], ['KILL', 'chown']),
  defaultAddCapabilities: fc.constantFrom([], [], ['NET_ADMIN']),
  allowedCapabilities: fc.constantFrom([], ['*'], ['NET_ADMIN', 'SYS_ADMIN'], ['CAP_NET_ADMIN', 'chown']),
  volumes: fc.oneof(fc.constant(['*']), part(...kinds), part('emptyDir', 'secret')),
  allowedHostPaths: fc.constantFrom(
    [],
    [{ pathPrefix: '/var/log', readOnly: true }, { pathPrefix: '/run/' }],
  ),
  allowedCSIDrivers: drivers.map((list) => list.map((name) => ({ name }))),
  allowedFlexVolumes: drivers.map((list) => list.map((driver) => ({ driver }))),
  hostNetwork: truth,
  hostIPC: truth,
  hostPID: truth,
  hostPorts: fc.constantFrom(
    [],
    [{ min: 80, max: 90 }],
    [
      { min: 80, max: 90 },
      { min: 443, max: 443 },
    ],
  ),
  runAsUser: fc.constantFrom(
    { rule: 'RunAsAny' },
    { rule: 'MustRunAsNonRoot' },
    { rule: 'MustRunAs', ranges },
    { rule: 'MustRunAs', ranges: wide },
  ),
  runAsGroup: ids,
  supplementalGroups: ids,
  fsGroup: ids,
  seLinux: fc.constantFrom({ rule: 'RunAsAny' }, { rule: 'MustRunAs', seLinuxOptions: label }),
  readOnlyRootFilesystem: truth,
  forbiddenSysctls: fc.constantFrom([], ['kernel.*', 'vm.*'], ['net.ipv4.tcp_syncookies']),
  allowedUnsafeSysctls: fc.constantFrom([], ['kernel.msg*'], ['*']),
  allowedProcMountTypes: fc.constantFrom([], ['Unmasked'], ['Default', 'Unmasked']),
  runtimeClass: some(
    { allowedRuntimeClassNames: ['gvisor'], defaultRuntimeClassName: 'gvisor' },
    {
      allowedRuntimeClassNames: ['*'],
    },
  ),
});

const annotated = (key: string, names: readonly string[]): fc.Arbitrary<Json> =>
  record({
    [`${key}defaultProfileName`]: some(...names),
    [`${key}allowedProfileNames`]: fc.oneof(
      some('*'),
      fc.subarray([...names], { minLength: 1 }).map((list) => list.join(',')),
    ),
  });

/** Any policy; one in two leaves annotations out. */
export const policies: fc.Arbitrary<Psp> = fc
  .tuple(
    specs,
    fc.oneof(
      fc.constant({}),
      annotated('seccomp.security.alpha.kubernetes.io/', seccompNames),
      annotated('apparmor.security.beta.kubernetes.io/', ['runtime/default', 'localhost/a']),
    ),
  )
  .map(([spec, annotations]) => policy(spec, annotations));

const id = some(0, 5, 100, 150, 1000, 5000);
const seccompProfile = some(
  { type: 'RuntimeDefault' },
  { type: 'Unconfined' },
  { type: 'Localhost', localhostProfile: 'a' },
  { type: 'Localhost', localhostProfile: 'b' },
);
const seLinuxOptions = fc.option(
  record({
    level: some('s0:c1,c2', 's0:c2,c1', 's0'),
    role: some('r', 'q'),
    type: some('container_t', 'spc_t', 'container_engine_t'),
    user: some('u', 'v'),
  }),
  { nil: undefined },
);
const hostProcess = some({ hostProcess: true }, { hostProcess: false });

const lists = fc.option(
  record({ add: some(...capabilities.map((one) => [one])), drop: part(...capabilities) }),
  {
    nil: undefined,
    freq: 2,
  },
);

const containerContext = record({
  privileged: truth,
  allowPrivilegeEscalation: truth,
  capabilities: lists,
  runAsUser: id,
  runAsGroup: id,
  runAsNonRoot: truth,
  readOnlyRootFilesystem: truth,
  procMount: some('Default', 'Unmasked'),
  seccompProfile,
  appArmorProfile: seccompProfile,
  seLinuxOptions,
  windowsOptions: hostProcess,
});

const ports = some(
  [{ containerPort: 80 }],
  [{ containerPort: 1, hostPort: 443 }],
  [{ containerPort: 1, hostPort: 5 }],
);
const mounts = some([{ name: 'v', mountPath: '/v', readOnly: true }], [{ name: 'v', mountPath: '/v' }]);
const livenessProbe = some({ tcpSocket: { host: 'x', port: 1 } }, { tcpSocket: { port: 1 } });

/** Says little of each: else every pod would be refused for ten reasons at once. */
function thinned(arbitrary: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  return fc
    .tuple(arbitrary, fc.infiniteStream(fc.nat(5)))
    .map(([fields, dice]) =>
      Object.fromEntries(Object.entries(fields).filter(() => dice.next().value === 0)),
    );
}

const container = (name: string): fc.Arbitrary<Json> =>
  fc
    .tuple(thinned(containerContext), thinned(record({ ports, volumeMounts: mounts, livenessProbe })))
    .map(([securityContext, fields]) => ({ name, image: 'x', securityContext, ...fields }));

const volume = fc
  .constantFrom<Json>(
    {},
    { emptyDir: {} },
    { secret: {} },
    { nfs: {} },
    { image: {} },
    { csi: { driver: 'a.example' } },
    { csi: { driver: 'c.example' } },
    { flexVolume: { driver: 'b.example' } },
    { hostPath: { path: '/var/log/pods' } },
    { hostPath: { path: '/var/logs' } },
    { hostPath: { path: '/run' } },
  )
  .map((source) => ({ name: 'v', ...source }));

const podContext = record({
  runAsUser: id,
  runAsGroup: id,
  runAsNonRoot: truth,
  supplementalGroups: some([], [150], [150, 5000]),
  fsGroup: id,
  seccompProfile,
  appArmorProfile: seccompProfile,
  seLinuxOptions,
  windowsOptions: hostProcess,
  sysctls: some(
    [{ name: 'kernel.msgmax', value: '1' }],
    [{ name: 'net.ipv4.tcp_syncookies', value: '1' }],
    [{ name: 'vm.x', value: '1' }],
    [{ name: 'fs.x', value: '1' }],
    [
      { name: 'net.ipv4.tcp_syncookies', value: '1' },
      { name: 'vm.x', value: '1' },
    ],
    [{ name: 'net.ipv4.tcp_rmem', value: '1' }],
  ),
});

const podFields = record({
  hostNetwork: truth,
  hostIPC: truth,
  hostPID: truth,
  hostUsers: truth,
  runtimeClassName: some('gvisor', 'kata'),
  volumes: some(volume).chain((one) => (one === undefined ? fc.constant(undefined) : one.map((v) => [v]))),
  os: some({ name: 'windows' }, { name: 'linux' }),
});

const words = ['runtime/default', 'unconfined', 'localhost/a', 'localhost/b'];
const podAnnotations = record({
  'seccomp.security.alpha.kubernetes.io/pod': some(...words),
  'container.seccomp.security.alpha.kubernetes.io/app': some(...words),
  'container.apparmor.security.beta.kubernetes.io/app': some(...words),
});

/** Pods that say little, of one or two containers. */
export const pods: fc.Arbitrary<PodParts> = fc
  .tuple(
    thinned(podFields),
    thinned(podContext),
    container('app'),
    fc.option(container('init'), { nil: undefined, freq: 2 }),
    thinned(podAnnotations),
  )
  .map(([fields, securityContext, app, init, annotations]) => ({
    metadata: { annotations },
    spec: {
      ...fields,
      securityContext,
      containers: [app],
      ...(init === undefined ? {} : { initContainers: [init] }),
    },
  }));
