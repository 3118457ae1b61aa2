import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admittedPod, podSecurityMessage, podSecurityViolations } from '../../../src/guard/index.ts';
import { statusOf } from '../../../src/kube/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { errorOf, object, TestServer } from '../kube/server.ts';

let server: TestServer;

type Fields = Readonly<Record<string, unknown>>;
const levels = ['baseline', 'restricted'] as const;
const versions = ['v1.0', 'v1.18', 'v1.22', 'v1.24', 'v1.30', 'v1.34', 'latest'] as const;
const policies = levels.flatMap((level) => versions.map((version) => ({ level, version })));
const nameOf = ({ level, version }: (typeof policies)[number]): string =>
  `${level}-${version.replace('.', '-')}`;

beforeAll(async () => {
  server = await TestServer.start();
  await Promise.all(
    policies.map(async (policy) => {
      const name = nameOf(policy);
      const labels = {
        'pod-security.kubernetes.io/enforce': policy.level,
        'pod-security.kubernetes.io/enforce-version': policy.version,
      };
      await server.client.create({ ...object('v1', 'Namespace', name), metadata: { name, labels } });
      await server.client.create(object('v1', 'ServiceAccount', 'default', name));
    }),
  );
});
afterAll(() => server.stop());

const image = 'registry.example.com/web:1';
const web = (more: Fields = {}): Fields => ({ name: 'web', image, ...more });
const probe = (host: string): Fields => ({ httpGet: { host, port: 80 } });
const strict = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

// Each breaks as much as the API server takes in one pod.
const pods: Readonly<Record<string, Fields>> = {
  'nothing said': { containers: [web()] },
  strict: {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [web({ securityContext: strict })],
    volumes: [{ name: 'scratch' }],
  },
  'the node’s namespaces and ports': {
    hostNetwork: true,
    hostPID: true,
    hostIPC: true,
    containers: [web({ ports: [{ containerPort: 9 }, { containerPort: 10 }] })],
  },
  'everything of a container': {
    containers: [
      web({
        securityContext: {
          privileged: true,
          runAsUser: 0,
          runAsNonRoot: false,
          capabilities: { add: ['SYS_ADMIN', 'CHOWN', 'chown'] },
          seLinuxOptions: { type: 'container_engine_t', role: 'r' },
          seccompProfile: { type: 'Unconfined' },
          appArmorProfile: { type: 'Unconfined' },
        },
        livenessProbe: probe('127.0.0.1'),
      }),
    ],
    initContainers: [
      { name: 'init', image, securityContext: { capabilities: { drop: ['ALL', 'KILL'] } } },
      { name: 'zap', image, restartPolicy: 'Always', lifecycle: { preStop: probe('db.example.com') } },
    ],
  },
  'everything of a pod': {
    securityContext: {
      runAsNonRoot: false,
      runAsUser: 0,
      seLinuxOptions: { type: 'spc_t', user: 'u' },
      seccompProfile: { type: 'Unconfined' },
      sysctls: ['net.core.somaxconn', 'kernel.msgmax', 'net.ipv4.tcp_rmem'].map((name) => ({
        name,
        value: '1',
      })),
    },
    containers: [web({ securityContext: { seccompProfile: { type: 'Unconfined' } } })],
  },
  'all kinds of volumes': {
    containers: [web()],
    volumes: [
      { name: 'z', hostPath: { path: '/z' } },
      { name: 'a', hostPath: { path: '/a' } },
      { name: 'nfs', nfs: { server: 'a', path: '/' } },
      { name: 'image', image: { reference: image } },
      { name: 'none' },
    ],
  },
  'users of its own': {
    hostUsers: false,
    containers: [web({ securityContext: { procMount: 'Unmasked', runAsUser: 0 } })],
  },
  Windows: {
    os: { name: 'windows' },
    hostNetwork: true,
    securityContext: { runAsNonRoot: true, windowsOptions: { hostProcess: true } },
    containers: [web()],
  },
};

const annotated = (...names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.map((name) => [`container.apparmor.security.beta.kubernetes.io/${name}`, 'unconfined']),
  );

const unconfined = { appArmorProfile: { type: 'Unconfined' } };
const withInit = { containers: [web()], initContainers: [{ name: 'init', image }] };

// The API server sets fields of AppArmor where there are annotations.
const annotatedPods: Readonly<
  Record<string, readonly [annotations: Readonly<Record<string, string>>, spec: Fields]>
> = {
  'AppArmor of annotations': [annotated('web', 'init'), withInit],
  'AppArmor of annotations and the pod': [annotated('web'), { ...withInit, securityContext: unconfined }],
  'AppArmor of annotations and a container': [
    annotated('init', 'web'),
    { ...withInit, containers: [web({ securityContext: unconfined })] },
  ],
};

const cases: readonly (readonly [
  what: string,
  annotations: Readonly<Record<string, string>>,
  spec: Fields,
])[] = [
  ...Object.entries(pods).map(([what, spec]) => [what, {}, spec] as const),
  ...Object.entries(annotatedPods).map(([what, [annotations, spec]]) => [what, annotations, spec] as const),
];

describe('Pod Security, against a real API server', () => {
  it.each(cases)('%s: the same verdict, in the same words', async (_what, annotations, spec) => {
    const { gitVersion } = await server.client.version();
    for (const policy of policies) {
      const metadata = { name: 'web', namespace: nameOf(policy), annotations };
      const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
      const seen = { ...policy, server: gitVersion.slice(1, gitVersion.lastIndexOf('.')) };
      const violations = podSecurityViolations(admittedPod(pod) ?? { metadata: {}, spec: {} }, seen);
      const answer = server.client.create(pod, { dryRun: true });
      if (violations.length === 0) await answer;
      else
        expect(statusOf(await errorOf(answer))?.message).toBe(
          `pods "web" is forbidden: ${podSecurityMessage(violations, seen)}`,
        );
    }
  });
});
