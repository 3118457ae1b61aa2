import { describe, expect, it } from 'vitest';
import { podSecurityMessage, podSecurityVersions, podSecurityViolations } from '../index.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What `level:version` says of a pod with these fields; `metadata` is the pod's own. */
function told(at: string, spec: Fields, metadata: Fields = {}): readonly string[] {
  const [level = '', version = ''] = at.split(':');
  const policy = { level: level as 'baseline', version };
  return podSecurityViolations({ metadata, spec }, policy).map(
    ({ control, reason, detail }) => `${control}: ${reason} (${detail})`,
  );
}

const strict = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'web',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ],
};
const pod = (securityContext: Fields): Fields => ({ securityContext });
const container = (securityContext: Fields, name = 'web'): Fields => ({
  containers: [{ name, securityContext }],
});

describe('a control', () => {
  it.each<readonly [string, Fields, string]>([
    [
      'hostNamespaces',
      { hostNetwork: true, hostIPC: true },
      'host namespaces (hostNetwork=true, hostIPC=true)',
    ],
    [
      'hostPorts',
      { containers: [{ name: 'web', ports: [{ hostPort: 9 }, { hostPort: 10 }, { containerPort: 80 }] }] },
      'hostPort (container "web" uses hostPorts 10, 9)',
    ],
    [
      'hostProbesAndHostLifecycle',
      {
        initContainers: [{ name: 'wait', lifecycle: { preStop: { tcpSocket: { host: '::1', port: 1 } } } }],
        containers: [{ name: 'main', livenessProbe: { httpGet: { host: 'db.example', port: 1 } } }],
      },
      'probe or lifecycle host (containers "main", "wait" use probe or lifecycle hosts "::1", "db.example")',
    ],
    [
      'windowsHostProcess',
      pod({ windowsOptions: { hostProcess: true } }),
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      'hostPathVolumes',
      {
        volumes: [
          { name: 'b', hostPath: { path: '/' } },
          { name: 'a', hostPath: { path: '/' } },
        ],
      },
      'hostPath volumes (volumes "b", "a")',
    ],
    [
      'privileged',
      {
        ...container({ privileged: true }),
        ephemeralContainers: [{ name: 'debug', securityContext: { privileged: true } }],
      },
      'privileged (containers "web", "debug" must not set securityContext.privileged=true)',
    ],
    [
      'capabilities_baseline',
      container({ capabilities: { add: ['SYS_TIME', 'CHOWN', 'BPF'] } }),
      'non-default capabilities (container "web" must not include "BPF", "SYS_TIME" in securityContext.capabilities.add)',
    ],
    [
      'procMount',
      container({ procMount: 'Unmasked' }),
      'procMount (container "web" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      'appArmorProfile',
      {
        ...pod({ appArmorProfile: { type: 'Unconfined' } }),
        ...container({ appArmorProfile: { type: 'Localhost' } }),
      },
      'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
    ],
    [
      'seccompProfile_baseline',
      {
        ...pod({ seccompProfile: { type: 'Unconfined' } }),
        ...container({ seccompProfile: { type: 'Unconfined' } }),
      },
      'seccompProfile (pod and container "web" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'seLinuxOptions',
      pod({ seLinuxOptions: { type: 'spc_t', user: 'u', level: 's0' } }),
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
    ],
    [
      'sysctls',
      pod({ sysctls: [{ name: 'net.core.b' }, { name: 'kernel.a' }] }),
      'forbidden sysctls (net.core.b, kernel.a)',
    ],
  ])('%s of level baseline', (control, spec, says) => {
    expect(told('baseline:latest', spec)).toEqual([`${control}: ${says}`]);
  });

  it.each<readonly [string, Fields, string]>([
    [
      'restrictedVolumes',
      {
        volumes: [
          { name: 'a', nfs: {} },
          { name: 'b', hostPath: {} },
          { name: 'c', new: {} },
          { name: 'd', csi: {} },
        ],
      },
      'restricted volume types (volumes "a", "b", "c" use restricted volume types "hostPath", "nfs", "unknown")',
    ],
    [
      'capabilities_restricted',
      container({ allowPrivilegeEscalation: false, capabilities: { drop: ['NET_RAW'], add: ['CHOWN'] } }),
      'unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"]; container "web" must not include "CHOWN" in securityContext.capabilities.add)',
    ],
    [
      'runAsNonRoot',
      pod({ seccompProfile: { type: 'Localhost' } }),
      'runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)',
    ],
    [
      'runAsNonRoot',
      pod({ runAsNonRoot: false, seccompProfile: { type: 'Localhost' } }),
      'runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)',
    ],
    [
      'runAsUser',
      pod({ ...strict.securityContext, runAsUser: 0 }),
      'runAsUser=0 (pod must not set runAsUser=0)',
    ],
    [
      'seccompProfile_restricted',
      pod({ runAsNonRoot: true }),
      'seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ],
    [
      'procMount_restricted',
      { ...container({ ...strict.containers[0]?.securityContext, procMount: 'Unmasked' }), hostUsers: false },
      'procMount (container "web" must not set securityContext.procMount to "Unmasked")',
    ],
  ])('%s of level restricted', (control, spec, says) => {
    expect(told('restricted:latest', { ...strict, ...spec })).toEqual([`${control}: ${says}`]);
  });
});

describe('a level', () => {
  it('privileged asks nothing; restricted all that baseline asks, and more after it', () => {
    const spec = { ...container({ privileged: true }), hostPID: true };
    expect(told('privileged:v1.35', spec)).toEqual([]);
    const baseline = told('baseline:v1.35', spec);
    expect(baseline).toHaveLength(2);
    expect(told('restricted:v1.35', spec).slice(0, 2)).toEqual(baseline);
    expect(told('restricted:v1.35', strict)).toEqual([]);
  });
});

describe('a version', () => {
  const ofControls = (at: string, spec: Fields, metadata: Fields = {}): readonly string[] =>
    told(at, spec, metadata).map((one) => one.slice(0, one.indexOf(':')));

  it.each<readonly [string, string, string, Fields]>([
    ['fewer sysctls', 'baseline:v1.31', 'baseline:v1.32', pod({ sysctls: [{ name: 'net.ipv4.tcp_rmem' }] })],
    [
      'one SELinux type less',
      'baseline:v1.30',
      'baseline:v1.31',
      pod({ seLinuxOptions: { type: 'container_engine_t' } }),
    ],
    [
      'procMount with own users',
      'baseline:v1.34',
      'baseline:v1.35',
      { ...container({ procMount: 'Unmasked' }), hostUsers: false },
    ],
    [
      'root with own users',
      'restricted:v1.34',
      'restricted:v1.35',
      { ...strict, ...pod({ ...strict.securityContext, runAsUser: 0 }), hostUsers: false },
    ],
    [
      'Linux fields of Windows',
      'restricted:v1.24',
      'restricted:v1.25',
      { os: { name: 'windows' }, ...pod({ runAsNonRoot: true }), ...container({}) },
    ],
  ])('refused %s, and later lets it in', (_what, before, after, spec) => {
    expect(ofControls(before, spec)).not.toEqual([]);
    expect(ofControls(after, spec)).toEqual([]);
  });

  it.each<readonly [string, string, string, Fields]>([
    [
      'escalation',
      'restricted:v1.7',
      'restricted:v1.8',
      { ...strict, ...container({ capabilities: { drop: ['ALL'] } }) },
    ],
    [
      'capabilities',
      'restricted:v1.21',
      'restricted:v1.22',
      { ...strict, ...container({ allowPrivilegeEscalation: false }) },
    ],
    [
      'user 0',
      'restricted:v1.22',
      'restricted:v1.23',
      { ...strict, ...pod({ ...strict.securityContext, runAsUser: 0 }) },
    ],
    [
      'hosts of probes',
      'baseline:v1.33',
      'baseline:v1.34',
      { containers: [{ name: 'web', startupProbe: { httpGet: { host: 'x' } } }] },
    ],
  ])('let %s in, and later refuses it', (_what, before, after, spec) => {
    expect(ofControls(before, spec)).toEqual([]);
    expect(ofControls(after, spec)).toHaveLength(1);
  });

  it('read seccomp from annotations before 1.19, and from fields since', () => {
    const key = 'container.seccomp.security.alpha.kubernetes.io/web';
    const metadata = { annotations: { [key]: 'unconfined', [`${key}2`]: 'unconfined' } };
    expect(told('baseline:v1.18', strict, metadata)).toEqual([
      `seccompProfile_baseline: seccompProfile (forbidden annotation ${key}="unconfined")`,
    ]);
    expect(told('baseline:v1.19', strict, metadata)).toEqual([]);
    const spec = pod({ seccompProfile: { type: 'Unconfined' } });
    expect(told('baseline:v1.18', spec)).toEqual([]);
    expect(told('baseline:v1.19', spec)).toHaveLength(1);
  });

  it('reads AppArmor from annotations too, always', () => {
    const prefix = 'container.apparmor.security.beta.kubernetes.io/';
    const metadata = {
      annotations: { [`${prefix}b`]: 'x', [`${prefix}a`]: 'unconfined', [`${prefix}c`]: 'localhost/c' },
    };
    const spec = container({ appArmorProfile: { type: 'Unconfined' } });
    expect(told('baseline:v1.0', spec, metadata)).toEqual([
      `appArmorProfile: forbidden AppArmor profiles (container "web" and annotations must not set AppArmor profile type to "Unconfined", "${prefix}a="unconfined"", "${prefix}b="x"")`,
    ]);
  });

  it('finds AppArmor of annotations in fields too, where the API server sets these', () => {
    const annotations = { 'container.apparmor.security.beta.kubernetes.io/web': 'unconfined' };
    const says = (server: string, spec: Fields): readonly string[] =>
      podSecurityViolations(
        { metadata: { annotations }, spec },
        { level: 'baseline', version: 'latest', server },
      ).map(({ detail }) => detail.replace(/ must.*/, ''));
    expect(says('1.29', container({}))).toEqual(['annotation']);
    expect(says('1.30', container({}))).toEqual(['container "web" and annotation']);
    const unconfined = { appArmorProfile: { type: 'Unconfined' } };
    expect(says('1.35', { ...pod(unconfined), ...container({}) })).toEqual(['pod and annotation']);
    expect(says('1.35', { os: { name: 'windows' }, ...container({}) })).toEqual(['annotation']);
  });

  it('that is unknown, or later than the server, is the newest that the server has', () => {
    const spec = { containers: [{ name: 'web', startupProbe: { httpGet: { host: 'x' } } }] };
    const newest = told(`baseline:${podSecurityVersions.newest}`, spec);
    expect(newest).toHaveLength(1);
    for (const version of ['latest', 'v1.99', 'soon'])
      expect(told(`baseline:${version}`, spec)).toEqual(newest);
    const on = (server: string) =>
      podSecurityViolations({ metadata: {}, spec }, { level: 'baseline', version: 'latest', server });
    expect(on('1.33')).toEqual([]);
    expect(on('1.34')).toHaveLength(1);
  });
});

describe('podSecurityMessage', () => {
  it('is what the API server writes', () => {
    const policy = { level: 'baseline', version: 'v1.35' } as const;
    const spec = { hostPID: true, ...container({ privileged: true }) };
    expect(podSecurityMessage(podSecurityViolations({ metadata: {}, spec }, policy), policy)).toBe(
      'violates PodSecurity "baseline:v1.35": host namespaces (hostPID=true), privileged (container "web" must not set securityContext.privileged=true)',
    );
  });
});
