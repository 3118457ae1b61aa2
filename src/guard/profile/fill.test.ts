import { describe, expect, it } from 'vitest';
import { strictestProfile, type SecurityProfile } from '../../spec/index.ts';
import { filledSpec } from './fill.ts';

const strictest = strictestProfile('strict', { file: 'p.yaml', line: 1, column: 1, path: '' });
const filled = (profile: Partial<SecurityProfile>, own: object = {}, context: object = {}) =>
  filledSpec(
    { securityContext: context, containers: [{ name: 'a', securityContext: own }] },
    { ...strictest, ...profile },
  );
const ids = { rule: 'MustRunAs', ranges: [{ min: 7, max: 9 }] } as const;

describe('filling', () => {
  it('writes ids, drops and a read-only root where nothing is said', () => {
    const { spec, paths } = filled({
      fill: ['runAsUser', 'runAsGroup', 'dropCapabilities', 'readOnlyRootFilesystem'],
      runAsUser: { rule: 'MustRunAs', ranges: [...ids.ranges] },
      runAsGroup: { rule: 'MustRunAs', ranges: [...ids.ranges] },
      requiredDropCapabilities: ['NET_RAW'],
    });
    expect(spec['containers']).toMatchObject([
      {
        securityContext: {
          runAsUser: 7,
          runAsGroup: 7,
          capabilities: { drop: ['NET_RAW'] },
          readOnlyRootFilesystem: true,
        },
      },
    ]);
    expect(paths.map((path) => path.replace('containers[0].securityContext.', ''))).toEqual([
      'capabilities.drop',
      'readOnlyRootFilesystem',
      'runAsUser',
      'runAsGroup',
    ]);
  });

  it('leaves what the pod or the container says, and ids without a range', () => {
    const fill: SecurityProfile['fill'] = ['runAsUser', 'readOnlyRootFilesystem'];
    expect(
      filled(
        { fill, runAsUser: { ...ids, ranges: [...ids.ranges] } },
        { readOnlyRootFilesystem: false },
        { runAsUser: 5 },
      ).paths,
    ).toEqual([]);
    expect(filled({ fill: ['runAsUser'] }).paths).toEqual([]);
  });

  it('writes the first seccomp profile that the list names', () => {
    const seccomp = ['Unset', 'Localhost', 'Localhost/audit.json', 'RuntimeDefault'];
    expect(filled({ fill: ['seccomp'], seccomp }).spec['securityContext']).toEqual({
      seccompProfile: { type: 'Localhost', localhostProfile: 'audit.json' },
    });
    expect(filled({ fill: ['seccomp'] }).spec['securityContext']).toEqual({
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  it('does not close what may gain privileges anyway', () => {
    const fill: SecurityProfile['fill'] = ['allowPrivilegeEscalation'];
    expect(filled({ fill }, { privileged: true }).paths).toEqual([]);
    expect(filled({ fill }, { capabilities: { add: ['CAP_SYS_ADMIN'] } }).paths).toEqual([]);
    expect(filled({ fill }).paths).toEqual(['containers[0].securityContext.allowPrivilegeEscalation']);
  });

  it('takes null and an empty list for nothing, as the API server does', () => {
    const fill: SecurityProfile['fill'] = ['allowPrivilegeEscalation', 'dropCapabilities'];
    const said = { allowPrivilegeEscalation: null, capabilities: { drop: [], add: ['CHOWN'] } };
    expect(filled({ fill }, said).spec['containers']).toEqual([
      {
        name: 'a',
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'], add: ['CHOWN'] },
        },
      },
    ]);
  });
});
