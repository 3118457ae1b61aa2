import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { podFieldsOf } from '../../../scripts/pod-fields.ts';
import { podFields, podFieldsVersion, shapeMistakes } from '../../../src/guard/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { sandboxVersions } from '../../../src/sandbox/index.ts';
import { object, TestServer } from '../kube/server.ts';

type Fields = Readonly<Record<string, unknown>>;
type Texts = Readonly<Record<string, string>>;

const web = (more: Fields = {}): Fields => ({ name: 'web', image: 'web', ...more });
const mounted = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
const context = (securityContext: Fields, more: Fields = {}): Fields => ({
  ...more,
  securityContext,
  containers: [web()],
});
const inner = (securityContext: Fields, more: Fields = {}): Fields => ({
  ...more,
  containers: [web({ securityContext })],
});
const windows = { os: { name: 'windows' } };
const linux = { os: { name: 'linux' } };
const profile = { type: 'RuntimeDefault' };
const armored = (container: string) => ({
  [`container.apparmor.security.beta.kubernetes.io/${container}`]: 'runtime/default',
});

const taken: readonly (readonly [string, Fields, Texts?])[] = [
  ['little', { containers: [web()] }],
  ['empty texts', { containers: [web({ args: [null], command: ['sh', null] })] }],
  ['nothing', { containers: [web({ securityContext: null, resources: null, env: null })], volumes: null }],
  ['quantities', { containers: [web({ resources: { limits: { cpu: 1, memory: '1Gi' } } })] }],
  ['a map with nothing', { containers: [web()], nodeSelector: { a: null } }],
  ['spaces around a quantity', { containers: [web({ resources: { limits: { cpu: ' 1 ' } } })] }],
  ['a list with nothing', { containers: [web()], volumes: [{ name: 'a', projected: { sources: [null] } }] }],
  [
    'ports of one number',
    { containers: [web({ ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }] })] },
  ],
  [
    'tolerations alike',
    { containers: [web()], tolerations: [{ operator: 'Exists' }, { operator: 'Exists' }] },
  ],
  ['ports by name', { containers: [web({ livenessProbe: { httpGet: { port: 'http' } } })] }],
  ['mounts', { containers: [web(mounted)], volumes: [{ name: 'data', emptyDir: {} }] }],
  ['AppArmor', { containers: [web()] }, armored('web')],
  [
    'AppArmor of an init container',
    { containers: [web()], initContainers: [web({ name: 'a' })] },
    armored('a'),
  ],
  ['Windows', { ...windows, containers: [web()], hostNetwork: false, hostPID: false, hostIPC: false }],
  ['Windows without settings', context({ sysctls: [] }, windows)],
  ['Windows, its own', context({ windowsOptions: { runAsUserName: 'a' } }, windows)],
  ['Windows, runAsNonRoot', inner({ runAsNonRoot: true }, windows)],
  ['Windows, AppArmor by annotation', { ...windows, containers: [web()] }, armored('web')],
  ['Linux', inner({ runAsUser: 1 }, linux)],
  ['options of another system where none is said', context({ windowsOptions: { hostProcess: false } })],
];

const refused: readonly (readonly [string, Fields, Texts?])[] = [
  ['a misspelt field', inner({ privilged: true })],
  ['a misspelt field of nothing', inner({ privilged: null })],
  ['another case', inner({ Privileged: true })],
  ['a field of the pod', { containers: [web()], hostPid: true }],
  ['a field deep below', { containers: [web({ livenessProbe: { httpGet: { port: 80, paht: '/' } } })] }],
  ['a kind of volume', { containers: [web()], volumes: [{ name: 'a', hostpath: { path: '/' } }] }],
  ['a number for a text', { containers: [web({ env: [{ name: 'a', value: 1 }] })] }],
  ['a truth for a quantity', { containers: [web({ resources: { limits: { cpu: true } } })] }],
  [
    'a quantity that is none',
    { containers: [web()], volumes: [{ name: 'a', emptyDir: { sizeLimit: '1K' } }] },
  ],
  ['nothing among what has names', { containers: [web()], imagePullSecrets: [null] }],
  ['env of one name', { containers: [web({ env: [{ name: 'A' }, { name: 'A' }] })] }],
  [
    'ports alike',
    { containers: [web({ ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'TCP' }] })] },
  ],
  ['volumes alike', { containers: [web()], volumes: [{ name: 'a' }, { name: 'a' }] }],
  ['a list for a map', { containers: [web()], nodeSelector: ['a'] }],
  ['no image', { containers: [web({ image: undefined })] }],
  ['an image of nothing', { containers: [web({ image: null })] }],
  ['an empty image', { containers: [web({ image: '' })] }],
  ['no image of an init container', { containers: [web()], initContainers: [{ name: 'a' }] }],
  ['no image of an ephemeral container', { containers: [web()], ephemeralContainers: [{ name: 'a' }] }],
  ['a mount of nothing', { containers: [web(mounted)] }],
  ['a device of nothing', { containers: [web({ volumeDevices: [{ name: 'data', devicePath: '/d' }] })] }],
  ['AppArmor of nothing', { containers: [web()] }, armored('wob')],
  ...['hostPID', 'hostIPC', 'hostUsers', 'shareProcessNamespace'].map(
    (field) => [`Windows, ${field}`, { ...windows, [field]: true, containers: [web()] }] as const,
  ),
  ['Windows, hostUsers not', { ...windows, hostUsers: false, containers: [web()] }],
  ...Object.entries({
    runAsUser: 1,
    runAsGroup: 1,
    seccompProfile: profile,
    appArmorProfile: profile,
    seLinuxOptions: {},
    fsGroup: 1,
    fsGroupChangePolicy: 'Always',
    seLinuxChangePolicy: 'Recursive',
    supplementalGroups: [],
    supplementalGroupsPolicy: 'Merge',
    sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }],
  }).map(([field, value]) => [`Windows, ${field}`, context({ [field]: value }, windows)] as const),
  ...Object.entries({
    runAsUser: 1,
    runAsGroup: 1,
    seccompProfile: profile,
    appArmorProfile: profile,
    seLinuxOptions: {},
    allowPrivilegeEscalation: false,
    capabilities: {},
    privileged: false,
    procMount: 'Default',
    readOnlyRootFilesystem: false,
  }).map(
    ([field, value]) => [`Windows, a container's ${field}`, inner({ [field]: value }, windows)] as const,
  ),
  ['Linux, options of Windows', context({ windowsOptions: {} }, linux)],
  ['Linux, options of Windows in a container', inner({ windowsOptions: {} }, linux)],
];

const labels = { app: 'web' };
const made = (kind: string, spec: Fields, annotations: Texts, more: Fields = {}): KubeObject => ({
  ...object('apps/v1', kind, 'web', 'test'),
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels, annotations }, spec }, ...more },
});
/** The spec of each kind around its pods' template. */
const controllers: readonly (readonly [kind: string, version: string, spec: (template: Fields) => Fields])[] =
  [
    ['ReplicationController', 'v1', (template) => ({ template })],
    ...['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'].map(
      (kind) =>
        [
          kind,
          'apps/v1',
          (template: Fields): Fields => ({ selector: { matchLabels: labels }, template }),
        ] as const,
    ),
    ['Job', 'batch/v1', (template) => ({ template })],
    ['CronJob', 'batch/v1', (template) => ({ schedule: '@daily', jobTemplate: { spec: { template } } })],
  ];
const claim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

describe.each(sandboxVersions)('shapes of pods on %s', (version) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start(version);
  });
  afterAll(() => server?.stop());

  const isTaken = async (one: KubeObject): Promise<boolean> => {
    try {
      await server.client.apply(one, { fieldManager: 'test', dryRun: true });
      return true;
    } catch {
      return false;
    }
  };

  it.each([
    ...taken.map(([about, spec, annotations]) => ({ about, spec, annotations, wanted: true })),
    ...refused.map(([about, spec, annotations]) => ({ about, spec, annotations, wanted: false })),
  ])('$about', async ({ spec, annotations = {}, wanted }) => {
    const pod = object('v1', 'Pod', 'web', 'test');
    const objects: readonly KubeObject[] = [
      { ...pod, metadata: { ...pod.metadata, annotations: { ...annotations } }, spec },
      made('Deployment', spec, annotations),
      made('StatefulSet', spec, annotations),
    ];
    for (const one of objects) {
      expect([one.kind, await isTaken(one)]).toEqual([one.kind, wanted]);
      expect([one.kind, shapeMistakes(one, version).length === 0]).toEqual([one.kind, wanted]);
    }
  });

  it.each(controllers)('fields of a %s', async (kind, apiVersion, specOf) => {
    const isDone = apiVersion === 'batch/v1';
    const spec = { containers: [web()], ...(isDone ? { restartPolicy: 'Never' } : {}) };
    const around = (metadata: Fields) => specOf({ metadata: { labels, ...metadata }, spec });
    const whole = { ...object(apiVersion, kind, 'web', 'test'), spec: around({}) };
    const misspelt = { lables: {} };
    const cases: readonly (readonly [wanted: boolean, about: string, one: KubeObject])[] = [
      [true, 'none but its own', whole],
      [true, 'no time', { ...whole, spec: around({ creationTimestamp: null }) }],
      [false, 'beside the spec', { ...whole, spce: {} }],
      [false, 'of the object', { ...whole, metadata: { ...whole.metadata, ...misspelt } }],
      [false, 'of the spec', { ...whole, spec: { ...whole.spec, replica: null } }],
      [false, 'of the template', { ...whole, spec: around(misspelt) }],
      [false, 'of another type', { ...whole, spec: around({ annotations: { a: 1 } }) }],
    ];
    for (const [wanted, about, one] of cases) {
      expect([about, await isTaken(one)]).toEqual([about, wanted]);
      expect([about, shapeMistakes(one, version).length === 0]).toEqual([about, wanted]);
    }
  });

  it('claims of a StatefulSet are volumes of its pods', async () => {
    const set = made('StatefulSet', { containers: [web(mounted)] }, {}, { volumeClaimTemplates: [claim] });
    expect(await isTaken(set)).toBe(true);
    expect(shapeMistakes(set, version)).toEqual([]);
  });

  it.runIf(version === podFieldsVersion)('have the fields of the table', async () => {
    expect(podFields, 'run node scripts/pod-fields.ts').toEqual(await podFieldsOf(server.client));
  });

  it.runIf(version === sandboxVersions.at(-1))('the table is of the newest version', () => {
    expect(podFieldsVersion).toBe(version);
  });
});
