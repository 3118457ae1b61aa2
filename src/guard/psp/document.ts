import { apiVersion, isEqual, yamlText } from '../../lib/index.ts';
import { strictestProfile, type SecurityProfile } from '../../spec/index.ts';

/** The fields of a profile that are not the strictest, in the order of the schema; `fill` last. */
function writtenFields(profile: SecurityProfile): Readonly<Record<string, unknown>> {
  const strictest = new Map(Object.entries(strictestProfile(profile.name, profile.from)));
  const differing = Object.entries(profile).filter(
    ([field, value]) => field !== 'from' && field !== 'name' && !isEqual(value, strictest.get(field)),
  );
  return Object.fromEntries(differing.map(([field, value]) => [field, withoutEmptyRanges(value)]));
}

function withoutEmptyRanges(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('ranges' in value) || !('rule' in value)) return value;
  return isEqual(value.ranges, []) ? { rule: value.rule } : value;
}

/** A SecurityProfile as a file of a fleet repository: only what is not the strictest, each with the reason that it has. */
export function profileText(
  profile: SecurityProfile,
  head: readonly string[],
  reasons: Readonly<Record<string, string>>,
): string {
  const fields = Object.entries(writtenFields(profile));
  const lines = fields.map(([field, value]) => {
    const reason = reasons[field];
    const text = indented(yamlText({ [field]: value }));
    return reason === undefined ? text : `  # ${reason}\n${text}`;
  });
  const top = yamlText({ apiVersion, kind: 'SecurityProfile', metadata: { name: profile.name } });
  const comments = head.map((line) => `# ${line}\n`).join('');
  return `${comments}${top}spec:${lines.length === 0 ? ' {}' : ''}\n${lines.join('')}`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
