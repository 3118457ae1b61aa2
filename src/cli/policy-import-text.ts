import { listed, yamlText } from '../lib/index.ts';
import type {
  Assigned,
  Assignments,
  Difference,
  ImportedPolicy,
  NamespaceAssignment,
  PolicyImport,
} from '../guard/index.ts';
import type { Style } from './style.ts';

/** How an import is written for people. */
interface Page {
  /** True: with what is refused of each class of pods, and a pod of it. */
  readonly isWhole: boolean;
  title(text: string): string;
  heading(text: string): string;
  line(text: string): string;
  yaml(text: string): string;
}

function plainPage(style: Style, isWhole: boolean): Page {
  const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '      ');
  return {
    isWhole,
    title: (text) => `${style('bold', text)}\n`,
    heading: (text) => `  ${text}\n`,
    line: (text) => `    ${text}\n`,
    yaml: (text) => style('dim', indented(text)),
  };
}

const markdownPage: Page = {
  isWhole: true,
  title: (text) => `### ${text}\n\n`,
  heading: (text) => `**${text}**\n\n`,
  line: (text) => `- ${text}\n`,
  yaml: (text) => `\n\`\`\`yaml\n${text}\`\`\`\n\n`,
};

/** What policies become, for people at a terminal; `isWide`: with a pod of each class that is answered differently. */
export function importText(found: PolicyImport, style: Style, isWide: boolean): string {
  return pageText(found, plainPage(style, isWide));
}

/** The same for a pull request. */
export function importMarkdown(found: PolicyImport): string {
  return pageText(found, markdownPage);
}

function pageText({ profiles, assignments, unknown }: PolicyImport, page: Page): string {
  return [...profiles.map((one) => profilePart(one, page)), assignmentPart(assignments, unknown, page)].join(
    '\n',
  );
}

const origins = {
  policy: 'becomes',
  contains: 'together become',
  merged: 'together become the new',
} as const;

function profilePart(one: ImportedPolicy, page: Page): string {
  const noun = one.policies.length === 1 ? 'PodSecurityPolicy' : 'PodSecurityPolicies';
  const { name } = one.imported.profile;
  const { differences, asked, isUsable } = one.comparison;
  const count = differences.length === 1 ? '1 class' : `${differences.length} classes`;
  const verdict =
    differences.length === 0
      ? `the same answer for each of ${asked} questions`
      : `${count} of pods answered differently (${directionsText(differences)})`;
  return [
    page.title(
      `${noun} ${one.policies.join(', ')} ${origins[one.origin]} profile ${name} (Pod Security ${one.level}): ${verdict}`,
    ),
    ...(isUsable ? [] : [page.line('no pod at all is let in by what is imported')]),
    ...differences.map((difference) => differencePart(difference, page)),
    ...(one.notes.length === 0 ? [] : [page.heading('besides')]),
    ...one.notes.map((note) => page.line(note)),
  ].join('');
}

function directionsText(differences: readonly Difference[]): string {
  return (['stricter', 'looser'] as const)
    .map((direction) => [differences.filter((one) => one.direction === direction).length, direction] as const)
    .filter(([count]) => count > 0)
    .map(([count, direction]) => `${count} ${direction}`)
    .join(', ');
}

function differencePart({ direction, aspect, refusals, example }: Difference, page: Page): string {
  const what = direction === 'stricter' ? 'was let in, is refused' : 'was refused, is let in';
  const heading = page.heading(`${direction}, ${aspect}: ${what}`);
  if (!page.isWhole) return heading;
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: example.metadata, spec: example.spec };
  return [heading, ...refusals.map((sentence) => page.line(sentence)), page.yaml(yamlText(object))].join('');
}

function assignmentPart(
  { everywhere, namespaces, left }: Assignments,
  unknown: readonly string[],
  page: Page,
): string {
  const open =
    unknown.length === 0
      ? []
      : [page.line(`not known, for their roles are not in the input: ${listed(unknown)}`)];
  if (everywhere === undefined && namespaces.length === 0 && left.length === 0)
    return unknown.length === 0
      ? page.title('No bindings: nothing says who may use these policies')
      : [page.title('No binding is known to give use of these policies'), ...open].join('');
  return [
    page.title('Profiles by namespace, for spec.namespaces of a Tenant or spec.namespace of an Addon'),
    ...(everywhere === undefined
      ? []
      : [page.line(`every namespace that is not listed: ${assignedText(everywhere)}`)]),
    ...namespaces.flatMap((one) => namespacePart(one, page)),
    ...(left.length === 0 ? [] : [page.heading('what no profile says')]),
    ...left.map((sentence) => page.line(sentence)),
    ...(open.length === 0 ? [] : [page.heading('bindings'), ...open]),
  ].join('');
}

function assignedText({ profile, policies, via }: Assigned): string {
  const why = `${policies.join(', ')} by ${via.join(', ')}`;
  return profile === undefined
    ? 'no profile: no policy could be used, so no pod ran; the strictest will do'
    : `${profile} (${why})`;
}

function namespacePart(one: NamespaceAssignment, page: Page): readonly string[] {
  const accounts = Object.entries(one.accounts);
  return [
    page.heading(`namespace ${one.namespace}: ${assignedText(one.usual)}`),
    ...accounts.map(([name, assigned]) => page.line(`service account ${name}: ${assignedText(assigned)}`)),
    page.yaml(yamlText([namespaceFields(one)])),
  ];
}

/** The fields of a namespace in a Tenant or Addon; a namespace whose pods had no policy gets no profile here. */
export function namespaceFields({ namespace, usual, accounts }: NamespaceAssignment): object {
  const own = Object.entries(accounts).flatMap(([name, { profile }]) =>
    profile === undefined || profile === usual.profile ? [] : [[name, profile] as const],
  );
  return {
    name: namespace,
    ...(usual.profile === undefined ? {} : { profile: usual.profile }),
    ...(own.length === 0 ? {} : { serviceAccounts: Object.fromEntries(own) }),
  };
}
