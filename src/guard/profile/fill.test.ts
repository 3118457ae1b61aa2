import { describe, expect, it } from 'vitest';
import { filledSpec } from './fill.ts';

const everything = ['seccomp', 'runAsNonRoot', 'allowPrivilegeEscalation', 'dropCapabilities'] as const;
const seccompProfile = { type: 'RuntimeDefault' };
const strict = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const containerOf = (spec: unknown, fill: readonly (typeof everything)[number][] = everything) =>
  filledSpec({ containers: [{ name: 'web', securityContext: spec }] }, fill).spec['containers'];
const web = (securityContext: unknown) => [{ name: 'web', securityContext }];

describe('what a profile fills', () => {
  it('is set where nothing is said, and told', () => {
    expect(
      filledSpec({ containers: [{ name: 'web' }], initContainers: [{ name: 'init' }] }, everything),
    ).toEqual({
      spec: {
        securityContext: { seccompProfile, runAsNonRoot: true },
        containers: web(strict),
        initContainers: [{ name: 'init', securityContext: strict }],
      },
      paths: [
        'securityContext.seccompProfile',
        'securityContext.runAsNonRoot',
        'initContainers[0].securityContext.allowPrivilegeEscalation',
        'initContainers[0].securityContext.capabilities.drop',
        'containers[0].securityContext.allowPrivilegeEscalation',
        'containers[0].securityContext.capabilities.drop',
      ],
    });
  });

  it('is only what the profile names', () => {
    expect(filledSpec({ containers: [{ name: 'web' }] }, ['seccomp']).spec).toEqual({
      securityContext: { seccompProfile },
      containers: [{ name: 'web' }],
    });
    const spec = { containers: [] };
    expect(filledSpec(spec, [])).toEqual({ spec, paths: [] });
  });

  it('leaves what is said', () => {
    const said = { allowPrivilegeEscalation: true, capabilities: { drop: ['NET_RAW'], add: ['CHOWN'] } };
    expect(containerOf(said)).toEqual(web(said));
    const context = { seccompProfile: { type: 'Unconfined' }, runAsNonRoot: false, fsGroup: 7 };
    expect(filledSpec({ securityContext: context }, everything).spec).toEqual({ securityContext: context });
  });

  it('takes null and an empty list for nothing, as the API server does', () => {
    expect(containerOf(null)).toEqual(web(strict));
    expect(
      containerOf({ allowPrivilegeEscalation: null, capabilities: { drop: [], add: ['CHOWN'] } }),
    ).toEqual(web({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['CHOWN'] } }));
  });

  it.each([{ privileged: true }, { capabilities: { add: ['CAP_SYS_ADMIN'], drop: ['NET_RAW'] } }])(
    'lets containers gain privileges that must: %j',
    (said) => {
      expect(containerOf(said, ['allowPrivilegeEscalation'])).toEqual(web(said));
    },
  );

  it('is nothing on Windows', () => {
    const spec = { os: { name: 'windows' }, containers: [{ name: 'web' }] };
    expect(filledSpec(spec, everything)).toEqual({ spec, paths: [] });
  });
});
