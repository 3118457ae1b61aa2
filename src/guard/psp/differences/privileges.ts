import { at, isString, listAt, stringAt } from '../../../lib/index.ts';
import { baselineCapabilities, restrictedCapabilities } from '../../pod-security/privileges.ts';
import { containersOf, isEscalating } from '../pod.ts';
import { both, choices, flags, product, type Aspect, type Ground, type Variation } from './aspect.ts';

const truths = [true, false];
const added = (name: string): Variation => ({ own: { capabilities: { add: [name] } } });

// One aspect: the API server takes no `allowPrivilegeEscalation: false` from what is privileged or adds SYS_ADMIN.
const privileges: Aspect = {
  name: 'privileges',
  variations: () =>
    product<Variation>(
      choices('own', 'allowPrivilegeEscalation', truths),
      choices('own', 'privileged', truths),
      [{}, added('SYS_ADMIN')],
    ).map((parts) => both(...parts)),
  cases: (pod) =>
    containersOf(pod).map((one) => {
      const { privileged, allowPrivilegeEscalation } = one.context;
      const isAdmin = isEscalating({ ...one, context: { ...one.context, privileged: false } });
      return `${String(allowPrivilegeEscalation)} ${String(privileged)} ${String(isAdmin)}`;
    }),
};

function capabilityCase(name: string, { policies, profile }: Ground): string {
  const lists = policies.flatMap((one) => [
    one.allowedCapabilities,
    one.defaultAddCapabilities,
    one.requiredDropCapabilities,
  ]);
  return `${name === 'ALL' ? 'ALL' : ''}${flags(
    baselineCapabilities.has(name),
    restrictedCapabilities.has(name),
    profile.allowedCapabilities.includes(name),
    ...lists.map((list) => list.includes(name)),
  )}`;
}

// Enough of them that one is in nobody's list.
const usual = ['NET_ADMIN', 'SYS_TIME', 'SYS_NICE', 'SYS_BOOT', 'WAKE_ALARM', 'NET_BIND_SERVICE'];

const capabilities: Aspect = {
  name: 'capabilities',
  variations: (ground) => {
    const { policies, profile } = ground;
    const named = policies.flatMap((one) => [
      ...one.allowedCapabilities,
      ...one.defaultAddCapabilities,
      ...one.requiredDropCapabilities,
    ]);
    const pool = [...usual, ...baselineCapabilities, ...named, ...profile.allowedCapabilities, 'ALL'];
    const byCase = new Map(pool.toReversed().map((one) => [capabilityCase(one, ground), one] as const));
    const adds = [undefined, ...byCase.values()];
    const required = policies.flatMap((one) => one.requiredDropCapabilities);
    const drops = [undefined, ['ALL'], ...(required.length === 0 ? [] : [required]), ['KILL']];
    return product<readonly string[] | undefined>(
      adds.map((one) => (one === undefined || one === '*' ? undefined : [one])),
      drops,
    ).map(([add, drop]) => {
      const said = { ...(add === undefined ? {} : { add }), ...(drop === undefined ? {} : { drop }) };
      return Object.keys(said).length === 0 ? {} : { own: { capabilities: said } };
    });
  },
  cases: (pod, ground) =>
    containersOf(pod).flatMap(({ context }) => {
      const adds = listAt(context, 'capabilities', 'add').filter(isString);
      const drops = listAt(context, 'capabilities', 'drop');
      const required = [...ground.policies, ground.profile].map((one) =>
        one.requiredDropCapabilities.every((name) => drops.includes(name)),
      );
      const isSaid = at(context, 'capabilities', 'drop') !== undefined;
      const dropped = `${drops.includes('ALL') ? 'ALL' : ''}${flags(isSaid, ...required)}`;
      const names = adds.length === 0 ? ['none'] : adds.map((one) => capabilityCase(one, ground));
      return names.map((one) => `${one}/${dropped}`);
    }),
};

const procMount: Aspect = {
  name: '/proc',
  variations: () =>
    product<Variation>(
      choices('own', 'procMount', ['Default', 'Unmasked']),
      choices('spec', 'hostUsers', [false]),
    ).map((parts) => both(...parts)),
  cases: (pod) =>
    containersOf(pod).map(
      ({ context }) =>
        `${stringAt(context, 'procMount') ?? 'Default'} ${String(pod.spec['hostUsers'] === false)}`,
    ),
};

const readOnly: Aspect = {
  name: 'root filesystem',
  variations: () => choices('own', 'readOnlyRootFilesystem', truths),
  cases: (pod) => containersOf(pod).map(({ context }) => String(context['readOnlyRootFilesystem'])),
};

const hostProcess: Aspect = {
  name: 'process of a Windows node',
  variations: () => {
    const said = { windowsOptions: { hostProcess: true } };
    return [{}, { spec: { hostNetwork: true }, context: said }, { spec: { hostNetwork: true }, own: said }];
  },
  cases: (pod) => {
    const isHost = (context: unknown): boolean => at(context, 'windowsOptions', 'hostProcess') === true;
    const whole = String(isHost(pod.spec['securityContext']));
    return containersOf(pod).map(
      ({ context }) => `${whole} ${String(isHost(context))} ${String(pod.spec['hostNetwork'] === true)}`,
    );
  },
};

/** What a container may do. */
export const privilegeAspects: readonly Aspect[] = [
  privileges,
  capabilities,
  procMount,
  readOnly,
  hostProcess,
];
