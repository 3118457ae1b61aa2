import { at, isObject, isString, objectAt, stringAt, type PathStep } from '../../lib/index.ts';
import type { RuledContainer, RuledPod } from './pod.ts';
import { containersWhere, podWhere, type Offence, type PodRule } from './rule.ts';
import type { PodRules } from './rules.ts';

/** `RuntimeDefault`, `Localhost/audit.json` of a seccomp or AppArmor profile. */
function profileText(profile: unknown): string | undefined {
  const type = stringAt(profile, 'type');
  return type === 'Localhost' ? `Localhost/${stringAt(profile, 'localhostProfile') ?? ''}` : type;
}

/** True when a list has the profile, or the word for all files of the node. */
function isListed(list: readonly string[], text: string): boolean {
  return (
    list.includes('*') || list.includes(text) || (text.startsWith('Localhost/') && list.includes('Localhost'))
  );
}

function seccompOffence(pod: RuledPod, container: RuledContainer, { seccomp }: PodRules): readonly Offence[] {
  const own = profileText(container.securityContext['seccompProfile']);
  const whole = profileText(pod.securityContext['seccompProfile']);
  const text = own ?? whole ?? 'Unset';
  // Without a word of its own a container runs unconfined on most nodes.
  if (isListed(seccomp, text) || (text === 'Unset' && seccomp.includes('Unconfined'))) return [];
  const isPods = own === undefined && whole !== undefined;
  const path = [...(isPods ? [] : container.path), 'securityContext', 'seccompProfile'];
  const fix = seccomp.includes('RuntimeDefault') ? { type: 'RuntimeDefault' } : undefined;
  const actual = isPods ? pod.securityContext['seccompProfile'] : container.securityContext['seccompProfile'];
  return [{ subject: `container ${container.name}`, detail: text, path, actual, fix }];
}

const celText = (profile: string) =>
  `(${profile}.type == 'Localhost' ? 'Localhost/' + ${profile}.?localhostProfile.orValue('') : ${profile}.type)`;
const celSeccomp = `(c.?securityContext.?seccompProfile.hasValue() ? ${celText('c.securityContext.seccompProfile')} : has(variables.context.seccompProfile) ? ${celText('variables.context.seccompProfile')} : 'Unset')`;
const celListed = (list: string, text: string) =>
  `('*' in ${list} || ${text} in ${list} || (${text}.startsWith('Localhost/') && 'Localhost' in ${list}))`;

const seccomp: PodRule = {
  code: 'TRY-SEC-022',
  field: 'seccomp',
  says: 'must not run with this seccomp profile',
  offences: (pod, rules) =>
    pod.isWindows ? [] : pod.containers.flatMap((container) => seccompOffence(pod, container, rules)),
  cel: containersWhere(
    'TRY-SEC-022',
    `!variables.isWindows && !${celListed('variables.profile.seccomp', celSeccomp)} && !(${celSeccomp} == 'Unset' && 'Unconfined' in variables.profile.seccomp)`,
    `[${celSeccomp}]`,
  ),
};

const annotation = 'container.apparmor.security.beta.kubernetes.io/';

/** What the annotations of older versions mean today. */
function annotatedText(value: string): string {
  if (value === 'runtime/default') return 'RuntimeDefault';
  return value === 'unconfined' ? 'Unconfined' : value.replace(/^localhost\//, 'Localhost/');
}

function armorOffences(pod: RuledPod, { appArmor }: PodRules): readonly Offence[] {
  const offence = (subject: string, path: readonly PathStep[], actual: unknown, text: string | undefined) =>
    text === undefined || isListed(appArmor, text)
      ? []
      : [{ subject, detail: text, path, actual, fix: null }];
  const whole = pod.securityContext['appArmorProfile'];
  return [
    ...offence('pod', ['securityContext', 'appArmorProfile'], whole, profileText(whole)),
    ...pod.containers.flatMap(({ name, path, securityContext }) => {
      const own = securityContext['appArmorProfile'];
      const key = `${annotation}${name}`;
      const said = at(pod.annotations, key);
      const text = profileText(own) ?? (isString(said) ? annotatedText(said) : undefined);
      const where = [...path, 'securityContext', 'appArmorProfile'];
      const found = offence(`container ${name}`, where, own ?? said, text);
      return isObject(own) ? found : found.map((one) => ({ ...one, annotation: key }));
    }),
  ];
}

const celAnnotation = `variables.annotations[?'${annotation}' + c.name].optMap(a, a == 'runtime/default' ? 'RuntimeDefault' : a == 'unconfined' ? 'Unconfined' : a.startsWith('localhost/') ? 'Localhost/' + a.substring(10) : a).orValue('')`;
const celArmor = `(c.?securityContext.?appArmorProfile.hasValue() ? ${celText('c.securityContext.appArmorProfile')} : ${celAnnotation})`;
const celPodArmor = celText('variables.context.appArmorProfile');

const appArmor: PodRule = {
  code: 'TRY-SEC-023',
  field: 'appArmor',
  says: 'must not run with this AppArmor profile',
  offences: armorOffences,
  cel: `(${podWhere(
    'TRY-SEC-023',
    `has(variables.context.appArmorProfile) && !${celListed('variables.profile.appArmor', celPodArmor)}`,
    `[${celPodArmor}]`,
  )}) + ${containersWhere(
    'TRY-SEC-023',
    `${celArmor} != '' && !${celListed('variables.profile.appArmor', celArmor)}`,
    `[${celArmor}]`,
  )}`,
};

const options = ['level', 'role', 'type', 'user'] as const;

/** The options of a securityContext that a rule refuses, as `type spc_t`. */
function badOptions(context: unknown, { seLinux }: PodRules): readonly string[] {
  const said = objectAt(context, 'seLinuxOptions');
  if (seLinux.rule === 'RunAsAny') return [];
  return options.flatMap((option) => {
    const value = stringAt(said, option) ?? '';
    const wanted = seLinux.rule === 'MustRunAs' ? seLinux[option] : '';
    return value === '' || value === wanted ? [] : [`${option} ${value}`];
  });
}

function seLinuxOffences(pod: RuledPod, rules: PodRules): readonly Offence[] {
  const offences = (subject: string, base: readonly PathStep[], context: unknown) =>
    badOptions(context, rules).map((detail) => ({
      subject,
      detail,
      path: [...base, 'securityContext', 'seLinuxOptions'],
      actual: at(context, 'seLinuxOptions'),
      fix: null,
    }));
  return [
    ...offences('pod', [], pod.securityContext),
    ...pod.containers.flatMap((one) => offences(`container ${one.name}`, one.path, one.securityContext)),
  ];
}

const celOptions = (context: string) => {
  const said = `${context}.?seLinuxOptions.orValue({})[?o].orValue('')`;
  const wanted = `(variables.profile.seLinux.rule == 'MustRunAs' ? variables.profile.seLinux[o] : '')`;
  const names = options.map((option) => `'${option}'`).join(', ');
  return `[${names}].filter(o, variables.profile.seLinux.rule != 'RunAsAny' && ${said} != '' && ${said} != ${wanted}).map(o, o + ' ' + string(${said}))`;
};

const celPodOptions = celOptions('variables.context');
const celOwnOptions = celOptions('c.?securityContext');

const seLinux: PodRule = {
  code: 'TRY-SEC-024',
  field: 'seLinux',
  says: 'must not set these SELinux options',
  offences: seLinuxOffences,
  cel: `(${podWhere('TRY-SEC-024', `size(${celPodOptions}) > 0`, celPodOptions)}) + ${containersWhere('TRY-SEC-024', `size(${celOwnOptions}) > 0`, celOwnOptions)}`,
};

/** What holds a container back when it is taken over. */
export const confinementRules: readonly PodRule[] = [seccomp, appArmor, seLinux];
