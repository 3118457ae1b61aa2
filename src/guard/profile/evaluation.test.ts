import { describe, expect, it } from 'vitest';
import { strictestProfile, type SecurityProfile } from '../../spec/index.ts';
import { podViolations } from './evaluation.ts';
import { podRules } from './rules.ts';

type Fields = Readonly<Record<string, unknown>>;

const strictest = strictestProfile('strict', { file: 'p.yaml', line: 1, column: 1, path: '' });
const strict = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** A pod that breaks nothing but what is added. */
function pod(spec: Fields, container: Fields = {}): { metadata: Fields; spec: Fields } {
  const { securityContext, ...more } = container;
  const web = {
    name: 'web',
    image: 'web',
    ...more,
    securityContext: { ...strict, ...(securityContext as Fields) },
  };
  return { metadata: {}, spec: { containers: [web], ...spec } };
}

const sentences = (one: { metadata: Fields; spec: Fields }, profile: Partial<SecurityProfile> = {}) =>
  podViolations(one, podRules({ ...strictest, ...profile }, '1.35')).map((violation) => violation.sentence);

describe('rules about pods', () => {
  it('let in what is strict', () => {
    expect(sentences(pod({}))).toEqual([]);
  });

  it('tell who breaks them, and how', () => {
    expect(
      sentences(
        pod(
          {},
          {
            ports: [
              { containerPort: 1, hostPort: 80 },
              { containerPort: 2, hostPort: 81 },
            ],
          },
        ),
      ),
    ).toEqual([
      'TRY-SEC-021 must not take ports of the node outside the ranges: container web (80, 81) (profile strict)',
    ]);
  });

  it('open a port for every range, not for all of them together', () => {
    const ranges = [
      { min: 80, max: 80 },
      { min: 443, max: 443 },
    ];
    const ports = [80, 443].map((hostPort) => ({ containerPort: hostPort, hostPort }));
    expect(sentences(pod({}, { ports }), { hostPorts: ranges })).toEqual([]);
  });

  it('count the ports of a container on the node’s network', () => {
    const open = { hostNetwork: true, hostPorts: [{ min: 1, max: 10 }] };
    expect(sentences(pod({ hostNetwork: true }, { ports: [{ containerPort: 11 }] }), open)).toHaveLength(1);
  });

  it.each([
    ['root', { securityContext: { runAsUser: 0 } }, 1],
    ['a user that is not root', { securityContext: { runAsUser: 7, runAsNonRoot: undefined } }, 0],
    ['nothing said', { securityContext: { runAsNonRoot: undefined } }, 1],
    ['root allowed', { securityContext: { runAsNonRoot: false, runAsUser: 7 } }, 1],
  ])('take %s as the user', (_name, container, count) => {
    expect(sentences(pod({}, container))).toHaveLength(count);
  });

  it('let a path of the node be read, and only what is below it', () => {
    const host = (path: string, readOnly: boolean) =>
      pod(
        { volumes: [{ name: 'logs', hostPath: { path } }] },
        { volumeMounts: [{ name: 'logs', mountPath: '/logs', readOnly }] },
      );
    const profile = { volumes: ['hostPath'], allowedHostPaths: ['/var/log'] };
    expect(sentences(host('/var/log/pods', true), profile)).toEqual([]);
    expect(sentences(host('/var/log', false), profile)).toHaveLength(1);
    expect(sentences(host('/var/logs', true), profile)).toHaveLength(1);
  });

  it('know a registry from one that only begins like it', () => {
    const profile = { images: { registries: ['registry.example.com'], digest: 'optional' as const } };
    expect(sentences(pod({}, { image: 'registry.example.com/web:1' }), profile)).toEqual([]);
    for (const image of ['registry.example.com.evil.example/web:1', 'registry.example.com:5000/web:1'])
      expect(sentences(pod({}, { image }), profile)).toHaveLength(1);
  });

  it('do not ask of Windows what it does not have', () => {
    const bare = { containers: [{ name: 'web', image: 'web', securityContext: { runAsNonRoot: true } }] };
    expect(sentences({ metadata: {}, spec: { ...bare, os: { name: 'windows' } } })).toEqual([]);
  });

  it('leave out what a Waiver names', () => {
    const rules = podRules(strictest, '1.35');
    const one = pod({}, { securityContext: { runAsUser: 0 } });
    const waived = (container: string) =>
      podViolations(one, rules, [{ name: 'w', rule: 'TRY-SEC-012', container }]);
    expect(waived('web')).toEqual([]);
    expect(waived('')).toEqual([]);
    expect(waived('other')).toHaveLength(1);
  });
});
