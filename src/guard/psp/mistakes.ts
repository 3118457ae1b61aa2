import { at, isArray, listAt, numberAt, stringAt, type PathStep } from '../../lib/index.ts';
import { policySpec } from './policy.ts';

/** What is wrong in a policy's spec, and where below it. */
export interface PolicyMistake {
  readonly path: readonly PathStep[];
  readonly why: string;
}

/** Everything that the API server would refuse of a spec; the rest is looked at whatever is wrong with some of it. */
export function specMistakes(spec: unknown): readonly PolicyMistake[] {
  const { error } = policySpec.safeParse(spec);
  const issues = (error?.issues ?? []).map(({ path, message }) => ({
    path: path.filter((step) => typeof step !== 'symbol'),
    why: message.replace(/^Invalid (input|option): /, ''),
  }));
  return [...issues, ...emptyRules(spec)];
}

const idFields = ['runAsUser', 'runAsGroup', 'supplementalGroups', 'fsGroup'] as const;

/** The strategies that name no range or option although their rule is about them. */
function emptyRules(spec: unknown): readonly PolicyMistake[] {
  const ids = idFields.filter((field) => {
    const rule = stringAt(spec, field, 'rule');
    const ranges = at(spec, field, 'ranges') ?? [];
    return (rule === 'MustRunAs' || rule === 'MayRunAs') && isArray(ranges) && ranges.length === 0;
  });
  const isUnlabelled =
    at(spec, 'seLinux', 'rule') === 'MustRunAs' && at(spec, 'seLinux', 'seLinuxOptions') === undefined;
  return [...ids, ...(isUnlabelled ? ['seLinux'] : [])].map((field) => ({
    path: [field],
    why: 'the rule needs ranges, or seLinuxOptions',
  }));
}

/** Ranges of ports that hold none: the API server took them, and they allow nothing. */
export function emptyPorts(
  spec: unknown,
): readonly { readonly path: readonly PathStep[]; readonly range: string }[] {
  return listAt(spec, 'hostPorts').flatMap((one, index) => {
    const [min, max] = [numberAt(one, 'min'), numberAt(one, 'max')];
    if (min === undefined || max === undefined || min <= Math.min(max, 65_535)) return [];
    return [{ path: ['hostPorts', index], range: `${min}-${max}` }];
  });
}
