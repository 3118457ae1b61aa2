import { describe, expect, it } from 'vitest';
import { pod, policy } from '../testing/policies.ts';
import { chosenPolicy, policyVerdict } from './evaluation.ts';

const refusedFor = (...args: Parameters<typeof policyVerdict>): readonly string[] => [
  ...new Set(policyVerdict(...args).refusals.map(({ rule }) => rule)),
];
const own = (securityContext: object) => ({ securityContext });

describe('a PodSecurityPolicy', () => {
  it.each([
    ['privileged', pod({}, own({ privileged: true })), ['privileged']],
    ['namespaces of the node', pod({ hostPID: true, hostIPC: true }), ['hostPID', 'hostIPC']],
    ['a volume of no listed kind', pod({ volumes: [{ name: 'v' }] }), ['volumes']],
    ['capabilities', pod({}, own({ capabilities: { add: ['CHOWN'] } })), ['capabilities']],
    [
      'a seccomp profile where none may be set',
      pod({ securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }),
      ['seccomp'],
    ],
    [
      'a seccomp annotation',
      pod({}, {}, { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' }),
      ['seccomp'],
    ],
    ['another /proc', pod({}, own({ procMount: 'Unmasked' })), ['procMount']],
    ['an unsafe setting', pod({ securityContext: { sysctls: [{ name: 'vm.x', value: '1' }] } }), ['sysctls']],
    ['a port of the node', pod({}, { ports: [{ containerPort: 1, hostPort: 80 }] }), ['hostPorts']],
  ])('that says nothing refuses %s', (_what, one, rules) => {
    expect(refusedFor(one, policy())).toEqual(rules);
  });

  it('that says nothing lets in what profiles do not: users, groups, AppArmor, SELinux, runtime classes', () => {
    const one = pod(
      { runtimeClassName: 'x', securityContext: { fsGroup: 0, seLinuxOptions: { user: 'u' } } },
      own({ runAsUser: 0, runAsNonRoot: false }),
      { 'container.apparmor.security.beta.kubernetes.io/app': 'unconfined' },
    );
    expect(refusedFor(one, policy())).toEqual([]);
  });

  it('writes what a pod must have and does not say', () => {
    const ranges = [{ min: 5, max: 9 }];
    const strict = policy(
      {
        allowPrivilegeEscalation: false,
        requiredDropCapabilities: ['ALL'],
        defaultAddCapabilities: ['CHOWN'],
        readOnlyRootFilesystem: true,
        runAsUser: { rule: 'MustRunAs', ranges },
        runAsGroup: { rule: 'MustRunAs', ranges },
        supplementalGroups: { rule: 'MustRunAs', ranges },
        fsGroup: { rule: 'MayRunAs', ranges },
        seLinux: { rule: 'MustRunAs', seLinuxOptions: { type: 't' } },
        runtimeClass: { allowedRuntimeClassNames: ['g'], defaultRuntimeClassName: 'g' },
      },
      {
        'seccomp.security.alpha.kubernetes.io/allowedProfileNames': 'runtime/default',
        'seccomp.security.alpha.kubernetes.io/defaultProfileName': 'docker/default',
        'apparmor.security.beta.kubernetes.io/defaultProfileName': 'runtime/default',
      },
    );
    const { refusals, pod: after, isMutated } = policyVerdict(pod(), strict);
    expect(refusals).toEqual([]);
    expect(isMutated).toBe(true);
    expect(after.metadata['annotations']).toEqual({
      'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default',
      'container.apparmor.security.beta.kubernetes.io/app': 'runtime/default',
    });
    expect(after.spec).toMatchObject({
      runtimeClassName: 'g',
      securityContext: { supplementalGroups: [5], seLinuxOptions: { type: 't' } },
      containers: [
        {
          securityContext: {
            runAsUser: 5,
            runAsGroup: 5,
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { add: ['CHOWN'], drop: ['ALL'] },
          },
        },
      ],
    });
    expect(after.spec).not.toHaveProperty('securityContext.fsGroup');
  });

  it('changes nothing that a pod or its container says', () => {
    const ranges = [{ min: 5, max: 9 }];
    const one = pod({ securityContext: { runAsUser: 7 } }, own({ capabilities: { drop: ['ALL', 'KILL'] } }));
    const wanting = policy({ runAsUser: { rule: 'MustRunAs', ranges }, requiredDropCapabilities: ['ALL'] });
    expect(policyVerdict(one, wanting)).toMatchObject({ refusals: [], isMutated: false });
  });

  it.each([
    ['sets runAsNonRoot where neither it nor a user is said', {}, {}, true, []],
    ['leaves a user that is not root', {}, { runAsUser: 7 }, false, []],
    [
      'takes the container’s word before the pod’s',
      { runAsNonRoot: false },
      { runAsNonRoot: true },
      false,
      [],
    ],
    ['refuses root', { runAsUser: 0 }, {}, false, ['runAsUser']],
    ['refuses who may be root', {}, { runAsNonRoot: false, runAsUser: 7 }, false, ['runAsUser']],
  ])('MustRunAsNonRoot %s', (_what, securityContext, container, isMutated, rules) => {
    const one = pod({ securityContext }, own(container));
    const verdict = policyVerdict(one, policy({ runAsUser: { rule: 'MustRunAsNonRoot' } }));
    expect([verdict.isMutated, verdict.refusals.map(({ rule }) => rule)]).toEqual([isMutated, rules]);
  });

  it('lets every container pass, or none: init containers too', () => {
    const init = { name: 'init', image: 'x', securityContext: { privileged: true } };
    expect(refusedFor(pod({ initContainers: [init] }), policy())).toEqual(['privileged']);
  });

  it('opens a path of the node to its end at a slash, to be read where it says so', () => {
    const open = policy({
      volumes: ['hostPath'],
      allowedHostPaths: [{ pathPrefix: '/var/log/', readOnly: true }],
    });
    const host = (path: string, readOnly: boolean) =>
      pod({ volumes: [{ name: 'v', hostPath: { path } }] }, { volumeMounts: [{ name: 'v', readOnly }] });
    expect(refusedFor(host('/var/log/pods', true), open)).toEqual([]);
    expect(refusedFor(host('/var/log', false), open)).toEqual(['volumes']);
    expect(refusedFor(host('/var/logs', true), open)).toEqual(['volumes']);
  });

  it('opens a port for every range', () => {
    const open = policy({
      hostPorts: [
        { min: 80, max: 80 },
        { min: 443, max: 443 },
      ],
    });
    const ports = [80, 443].map((hostPort) => ({ containerPort: hostPort, hostPort }));
    expect(refusedFor(pod({}, { ports }), open)).toEqual([]);
  });

  it('compares SELinux levels by their categories, in any order', () => {
    const open = policy({ seLinux: { rule: 'MustRunAs', seLinuxOptions: { level: 's0:c1,c2' } } });
    expect(refusedFor(pod({ securityContext: { seLinuxOptions: { level: 's0:c2,c1' } } }), open)).toEqual([]);
    expect(refusedFor(pod({ securityContext: { seLinuxOptions: { level: 's0:c2' } } }), open)).toEqual([
      'seLinux',
    ]);
  });

  it('asks for an AppArmor profile where it lists some and has no default', () => {
    const asking = policy(
      {},
      { 'apparmor.security.beta.kubernetes.io/allowedProfileNames': 'runtime/default' },
    );
    expect(refusedFor(pod(), asking)).toEqual(['appArmor']);
    expect(
      refusedFor(pod({ securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }), asking),
    ).toEqual([]);
  });

  it('forbids settings before it allows them', () => {
    const some = policy({ allowedUnsafeSysctls: ['kernel.msg*'], forbiddenSysctls: ['kernel.msgmax'] });
    const setting = (name: string) => pod({ securityContext: { sysctls: [{ name, value: '1' }] } });
    expect(refusedFor(setting('kernel.msgmnb'), some)).toEqual([]);
    expect(refusedFor(setting('kernel.msgmax'), some)).toEqual(['sysctls']);
  });

  it('lets nothing become what the API server does not store', () => {
    const contradicting = policy({ privileged: true, allowPrivilegeEscalation: false });
    expect(refusedFor(pod({}, own({ privileged: true })), contradicting)).toEqual(['api']);
  });

  it('writes into Windows pods what they may not have', () => {
    const one = pod({ os: { name: 'windows' } });
    expect(refusedFor(one, policy({ requiredDropCapabilities: ['ALL'] }))).toEqual(['windows']);
    expect(refusedFor(one, policy())).toEqual([]);
  });
});

describe('of several policies', () => {
  const changing = { readOnlyRootFilesystem: true };
  const named = (name: string, spec: object) => policy({ ...spec }, {}, name);
  const chosen = (...args: Parameters<typeof chosenPolicy>): string | undefined =>
    chosenPolicy(...args)?.policy.name;

  it('the first by name wins that lets a pod in as it is, wherever it stands', () => {
    expect(chosen(pod(), [named('b', {}), named('c', {}), named('a', changing)])).toBe('b');
  });

  it('the first by name wins that lets it in with changes, when none does without', () => {
    expect(chosen(pod(), [named('b', changing), named('a', changing)])).toBe('a');
  });

  it('one that refuses does not count, however early its name', () => {
    const root = pod({}, own({ runAsUser: 0 }));
    const strict = { runAsUser: { rule: 'MustRunAsNonRoot' } };
    expect(chosen(root, [named('a', strict), named('b', changing)])).toBe('b');
    expect(chosen(root, [named('a', strict)])).toBeUndefined();
  });

  it('all containers are under the same one', () => {
    const init = { name: 'init', image: 'x', securityContext: { privileged: true } };
    const both = pod({ initContainers: [init] }, own({ capabilities: { add: ['CHOWN'] } }));
    const policies = [named('a', { privileged: true }), named('b', { allowedCapabilities: ['CHOWN'] })];
    expect(chosen(both, policies)).toBeUndefined();
  });
});
