import { guardOf, type Guard } from '../../../src/guard/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { object } from '../kube/server.ts';
import { profiles } from './profiles.ts';

type Fields = Readonly<Record<string, unknown>>;

/** How large a pod is; each container has that many ports and mounts. */
export interface Size {
  readonly containers: number;
  readonly ports: number;
  readonly mounts: number;
  readonly volumes: number;
}

const list = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => make(index));
const range = (value: number) => ({ min: value, max: value });

/** A Guard whose lists are long, so that each question is dear, and the same with Waivers. */
export function longGuard(version: string): Guard {
  const found = profiles.find(({ name }) => name === 'ranges');
  if (found === undefined) throw new Error('no profile');
  const profile = {
    ...found,
    name: 'long',
    allowedHostPaths: list(20, (index) => `/var/lib/path-${index}`),
    hostPorts: list(20, (index) => range(7000 + index)),
    runAsUser: { rule: 'MustRunAs' as const, ranges: list(10, (index) => range(1 + index)) },
    images: { registries: list(10, (index) => `registry-${index}.example.com`), digest: 'required' as const },
  };
  const waivers = list(30, (index) => ({
    name: `waiver-${index}`,
    rule: `TRY-SEC-0${10 + (index % 20)}`,
    container: `other-${index}`,
    serviceAccount: '',
  }));
  return guardOf({ name: 'long', profile, serviceAccounts: {}, waivers, serviceTypes: [] }, version);
}

/** A pod that breaks nothing of the long Guard. */
export function goodPod(namespace: string, size: Size): KubeObject {
  return podWith(namespace, size, {
    container: (index) => ({
      image: `registry-9.example.com/team/application-${index}@sha256:${'a1'.repeat(32)}`,
      securityContext: {
        capabilities: { drop: ['ALL'] },
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsUser: 10,
        runAsGroup: 999,
        runAsNonRoot: true,
        seccompProfile: { type: 'Localhost', localhostProfile: 'a' },
      },
    }),
    port: (index) => ({ containerPort: 1 + (index % 60_000) }),
    isReadOnly: true,
    spec: { securityContext: { fsGroup: 10, supplementalGroups: [10, 11, 12] } },
  });
}

/** A pod that breaks as much as it can, everywhere. */
export function badPod(namespace: string, size: Size): KubeObject {
  const port = (index: number) => 1 + (index % 60_000);
  return podWith(namespace, size, {
    container: (index) => ({
      image: `registry.evil.example.com/team/application-${index}:v1.2.3`,
      securityContext: {
        capabilities: { add: ['NET_ADMIN', 'SYS_TIME', 'SYS_ADMIN'] },
        seLinuxOptions: { user: 'u', role: 'r', level: 's', type: 't' },
        seccompProfile: { type: 'Unconfined' },
      },
      livenessProbe: { httpGet: { host: 'db', port: 1 } },
    }),
    port: (index) => ({ containerPort: port(index), hostPort: port(index) }),
    isReadOnly: false,
    spec: { hostPID: true, hostIPC: true },
  });
}

interface Parts {
  readonly container: (index: number) => Fields;
  readonly port: (index: number) => Fields;
  readonly isReadOnly: boolean;
  readonly spec: Fields;
}

function podWith(namespace: string, size: Size, parts: Parts): KubeObject {
  const containers = list(size.containers, (index) => ({
    name: `container-${index}`,
    ports: list(size.ports, (port) => parts.port(index * size.ports + port)),
    volumeMounts: list(size.mounts, (mount) => ({
      name: `volume-${(index + mount) % size.volumes}`,
      mountPath: `/mnt/${mount}`,
      readOnly: parts.isReadOnly,
    })),
    ...parts.container(index),
  }));
  const volumes = list(size.volumes, (index) => ({
    name: `volume-${index}`,
    hostPath: { path: `/var/lib/path-19/${index}` },
  }));
  const spec = { automountServiceAccountToken: false, ...parts.spec, containers, volumes };
  return { ...object('v1', 'Pod', 'large', namespace), spec };
}
