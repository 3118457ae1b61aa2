import { at, stringAt } from '../../lib/index.ts';
import { includesOrAll, textsAt } from './host.ts';
import type { RuledContainer } from './pod.ts';
import { containersWhere, type Offence, type PodRule } from './rule.ts';

/** Offence of a container's securityContext. */
function own(container: RuledContainer, steps: readonly string[], fix: unknown, detail?: string): Offence {
  return {
    subject: `container ${container.name}`,
    detail,
    path: [...container.path, 'securityContext', ...steps],
    actual: at(container.securityContext, ...steps),
    fix,
  };
}

const privileged: PodRule = {
  code: 'TRY-SEC-010',
  field: 'privileged',
  says: 'must not be privileged',
  offences: ({ containers }, rules) =>
    containers.flatMap((container) => {
      if (rules.privileged) return [];
      const { securityContext } = container;
      if (securityContext['privileged'] === true) return [own(container, ['privileged'], null)];
      const isHostProcess = at(securityContext, 'windowsOptions', 'hostProcess') === true;
      return isHostProcess ? [own(container, ['windowsOptions', 'hostProcess'], null)] : [];
    }),
  cel: containersWhere(
    'TRY-SEC-010',
    '!variables.profile.privileged && (c.?securityContext.?privileged.orValue(false) || c.?securityContext.?windowsOptions.?hostProcess.orValue(false))',
  ),
};

const hostProcess: PodRule = {
  code: 'TRY-SEC-033',
  field: 'privileged',
  says: 'must not run as a process of the Windows node',
  offences: ({ securityContext }, rules) => {
    const path = ['securityContext', 'windowsOptions', 'hostProcess'];
    const isHostProcess = at(securityContext, 'windowsOptions', 'hostProcess') === true;
    return rules.privileged || !isHostProcess ? [] : [{ subject: 'pod', path, actual: true, fix: null }];
  },
  cel: `!variables.profile.privileged && variables.context.?windowsOptions.?hostProcess.orValue(false) && !variables.waivers.exists(w, w.rule == 'TRY-SEC-033' && w.container == '') ? ['pod'] : []`,
};

const escalation: PodRule = {
  code: 'TRY-SEC-011',
  field: 'allowPrivilegeEscalation',
  says: 'must set allowPrivilegeEscalation: false',
  offences: ({ containers, isWindows }, rules) =>
    rules.allowPrivilegeEscalation || isWindows
      ? []
      : containers
          .filter((one) => one.securityContext['allowPrivilegeEscalation'] !== false)
          .map((one) => own(one, ['allowPrivilegeEscalation'], false)),
  cel: containersWhere(
    'TRY-SEC-011',
    '!variables.profile.allowPrivilegeEscalation && !variables.isWindows && c.?securityContext.?allowPrivilegeEscalation.orValue(true)',
  ),
};

const dropped: PodRule = {
  code: 'TRY-SEC-016',
  field: 'requiredDropCapabilities',
  says: 'must drop capabilities',
  offences: ({ containers, isWindows }, { requiredDropCapabilities }) =>
    containers.flatMap((container) => {
      const drops = textsAt(container.securityContext, 'capabilities', 'drop');
      if (isWindows || drops.includes('ALL')) return [];
      const missing = requiredDropCapabilities.filter((one) => !drops.includes(one));
      const steps = ['capabilities', 'drop'];
      return missing.map((one) => own(container, steps, [...drops, ...missing], one));
    }),
  cel: containersWhere(
    'TRY-SEC-016',
    `!variables.isWindows && !('ALL' in c.?securityContext.?capabilities.?drop.orValue([])) && !variables.profile.requiredDropCapabilities.all(r, r in c.?securityContext.?capabilities.?drop.orValue([]))`,
    'variables.profile.requiredDropCapabilities.filter(r, !(r in c.?securityContext.?capabilities.?drop.orValue([])))',
  ),
};

const celAdded = `c.?securityContext.?capabilities.?add.orValue([]).filter(a, !('*' in variables.profile.allowedCapabilities || a in variables.profile.allowedCapabilities))`;

const added: PodRule = {
  code: 'TRY-SEC-017',
  field: 'allowedCapabilities',
  says: 'must not add capabilities outside the list',
  offences: ({ containers }, { allowedCapabilities }) =>
    containers.flatMap((container) => {
      const adds = textsAt(container.securityContext, 'capabilities', 'add');
      const allowed = adds.filter((one) => includesOrAll(allowedCapabilities, one));
      return adds
        .filter((one) => !includesOrAll(allowedCapabilities, one))
        .map((one) => own(container, ['capabilities', 'add'], allowed.length === 0 ? null : allowed, one));
    }),
  cel: containersWhere('TRY-SEC-017', `size(${celAdded}) > 0`, celAdded),
};

const procMount: PodRule = {
  code: 'TRY-SEC-025',
  field: 'allowedProcMountTypes',
  says: 'must not mount /proc another way',
  offences: ({ containers }, { procMountTypes }) =>
    containers.flatMap((container) => {
      const type = stringAt(container.securityContext, 'procMount') ?? 'Default';
      return type === 'Default' || includesOrAll(procMountTypes, type)
        ? []
        : [own(container, ['procMount'], null, type)];
    }),
  cel: containersWhere(
    'TRY-SEC-025',
    `!(c.?securityContext.?procMount.orValue('Default') == 'Default' || '*' in variables.profile.procMountTypes || c.securityContext.procMount in variables.profile.procMountTypes)`,
    '[c.securityContext.procMount]',
  ),
};

const readOnlyRoot: PodRule = {
  code: 'TRY-SEC-027',
  field: 'readOnlyRootFilesystem',
  says: 'must set readOnlyRootFilesystem: true',
  offences: ({ containers, isWindows }, rules) =>
    !rules.readOnlyRootFilesystem || isWindows
      ? []
      : containers
          .filter((one) => one.securityContext['readOnlyRootFilesystem'] !== true)
          .map((one) => own(one, ['readOnlyRootFilesystem'], true)),
  cel: containersWhere(
    'TRY-SEC-027',
    'variables.profile.readOnlyRootFilesystem && !variables.isWindows && !c.?securityContext.?readOnlyRootFilesystem.orValue(false)',
  ),
};

/** What a container may do that its user alone could not. */
export const privilegeRules: readonly PodRule[] = [
  privileged,
  hostProcess,
  escalation,
  dropped,
  added,
  procMount,
  readOnlyRoot,
];
