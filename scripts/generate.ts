/**
 * Writes what is made from code: schema/*.json and docs/reference/*.md. `--check` writes nothing, names each file that differs
 * or should not be there, and exits with 1.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { commandTree } from '../src/cli/index.ts';
import {
  annotations,
  diagnosticCodes,
  diagnosticTextOf,
  errorKinds,
  hintOf,
  approvalsName,
  approversName,
  identityName,
  isErrorCode,
  isObject,
  labels,
  listAt,
  systemNamespace,
  yamlText,
  type JsonObject,
} from '../src/lib/index.ts';
import { healthRows, storedKinds } from '../src/objects/index.ts';
import {
  fieldsOf,
  kindDescriptions,
  kinds,
  schemaFiles,
  schemaOf,
  typeText,
  unenforcedFields,
} from '../src/spec/index.ts';
import agreement from '../test/health-agreement.json' with { type: 'json' };

const root = fileURLToPath(new URL('../', import.meta.url));
const note = '<!-- Made by `npm run generate` from the code. -->\n';

function page(title: string, intro: string, body: string): string {
  return `${note}\n# ${title}\n\n${intro}\n\n${body.trimEnd()}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}

const code = (text: string): string => (text === '' ? '' : `\`${text}\``);
const json = (value: unknown): string => code(typeof value === 'string' ? value : JSON.stringify(value));

interface Row {
  readonly path: string;
  readonly schema: JsonObject;
  readonly isRequired: boolean;
}

function rowsBelow(schema: JsonObject, above: string): readonly Row[] {
  return fieldsOf(schema).flatMap((field) => {
    const here = above === '' ? field.name : `${above}.${field.name}`;
    // What overrides hold are the same fields again: the page says so once.
    const inner = field.name === 'overrides' ? [] : rowsBelow(field.schema, here);
    return [{ path: here, schema: field.schema, isRequired: field.isRequired }, ...inner];
  });
}

function kindSection(kind: (typeof kinds)[number]): string {
  const schema = schemaOf(kind);
  const rows = rowsBelow(schema, '')
    .filter((row) => !['apiVersion', 'kind'].includes(row.path))
    .map(({ path: field, schema: one, isRequired }) => [
      code(field),
      typeText(one),
      isRequired ? 'yes' : 'default' in one ? json(one['default']) : '',
      `${typeof one['description'] === 'string' ? one['description'] : ''} Example: ${json(listAt(one, 'examples')[0])}`,
    ]);
  const properties = schema['properties'];
  const example = listAt(isObject(properties) ? properties['spec'] : {}, 'examples')[0];
  const document = { apiVersion: 'toryo.dev/v1alpha1', kind, metadata: { name: 'example' }, spec: example };
  const head = ['field', 'type', 'required, or default', 'meaning'];
  return `## ${kind}\n\n${kindDescriptions[kind]}\n\n\`\`\`yaml\n${yamlText(document)}\`\`\`\n\n${table(head, rows)}`;
}

function schemaPage(): string {
  const intro =
    'Every kind of document. `toryo explain KIND.FIELD` says the same in a terminal. Editors read `schema/toryo.json`, or one file per kind beside it. ' +
    '`overrides` hold the fields of their own kind, all of them optional: maps merge, lists of things with a `name` merge by name, other lists and sources are replaced, `null` removes.';
  return page('The documents of a fleet', intro, kinds.map(kindSection).join('\n'));
}

function diagnosticsPage(): string {
  const rows = diagnosticCodes().map((one) => {
    const { title, hint } = diagnosticTextOf(one);
    return [code(one), title, hint];
  });
  const intro =
    'Mistakes in the repository. Each comes with its file, line and column; all are told at once; the command exits with 2 and nothing is applied.';
  return page('Diagnostics', intro, table(['code', 'rule', 'what to do'], rows));
}

const exitCodes = [
  ['0', 'done'],
  ['1', 'an operation failed'],
  ['2', 'usage or configuration is invalid'],
  ['3', 'a gate failed: policy, audit, preflight, a brake'],
  ['4', 'not authenticated or not authorised'],
  ['5', 'differences found (only with `--exit-code`)'],
  ['6', 'partial: some clusters could not be reached'],
  ['7', 'timed out waiting'],
  ['8', 'stopped by a health gate'],
  ['130', 'interrupted; the message says how to resume'],
] as const;

function errorsPage(): string {
  const rows = Object.entries(errorKinds).map(([name, kind]) => [
    code(name),
    String(kind.exit),
    String(kind.status),
    kind.retryable ? 'yes' : 'no',
    isErrorCode(name) ? hintOf(name) : '',
  ]);
  const body = `## Exit codes\n\n${table(['exit code', 'meaning'], exitCodes)}\n## Errors\n\n${table(['code', 'exit code', 'HTTP status', 'retryable', 'what to do'], rows)}`;
  return page(
    'Errors and exit codes',
    'Operations that failed. The code is stable; the sentence may change.',
    body,
  );
}

function namesPage(): string {
  const rows = (map: Readonly<Record<string, string>>): readonly (readonly string[])[] =>
    Object.entries(map).map(([name, value]) => [code(value), meanings[name] ?? '']);
  const head = ['name', 'meaning'];
  const others = [
    [code(systemNamespace), 'Namespace on each cluster that holds inventories and the cluster’s identity.'],
    [code(`ConfigMap ${systemNamespace}/${identityName}`), 'Which fleet and cluster this is.'],
    [
      code(`ConfigMap ${systemNamespace}/${approversName}`),
      'Who may approve changes here, as the fleet says that was applied last.',
    ],
    [
      code(`ConfigMap ${systemNamespace}/${approvalsName}`),
      'Approvals that were used here, until they expire.',
    ],
    [
      code(`ConfigMap ${systemNamespace}/inventory.OWNER`),
      'What one owner has on the cluster (an ApplySet parent).',
    ],
    [code('toryo-FLEET'), 'Field manager of server-side apply.'],
    [code('toryo:tenant:TENANT'), 'User that a tenant’s objects are written as.'],
    [code('toryo:view, toryo:edit, toryo:admin, toryo:exec, toryo:secrets, toryo:deploy'), 'ClusterRoles.'],
    [
      code('toryo.dev/aggregate-to-ROLE'),
      'Label of a ClusterRole that adds to view, edit, admin or deploy; what is in view is in edit, and what is in edit in admin.',
    ],
  ];
  const body = `## Labels\n\n${table(head, rows(labels))}\n## Annotations\n\n${table(head, rows(annotations))}\n## Objects, users and roles\n\n${table(head, others)}`;
  return page('Names that Toryo writes', 'Everything on a cluster that carries a name of Toryo’s.', body);
}

const meanings: Readonly<Record<string, string>> = {
  managed: 'On every object that Toryo wrote.',
  owner: 'The owner, as a label value: `app.shop.web`.',
  tenant: 'The tenant of a namespace.',
  fleet: 'The fleet that wrote the object.',
  component: 'On inventories: what this ConfigMap is.',
  partOf: 'ApplySet membership: the id of the owner’s inventory.',
  applySetId: 'ApplySet parent: its own id.',
  namespaceName: 'Set by the API server on every Namespace; network sets select by it.',
  applySetTooling: 'ApplySet parent: which tool it belongs to.',
  applySetGroupKinds: 'ApplySet parent: kinds of its members.',
  applySetNamespaces: 'ApplySet parent: namespaces of its members besides its own.',
};

function notEnforcedPage(): string {
  const rows = unenforcedFields().map((one) => [
    code(one.field),
    one.isSafety ? 'yes, except on provider sandbox' : 'no',
  ]);
  const intro =
    'Fields that are valid and that nothing acts on yet. `check` and `plan` list each as TRY-SPEC-900; where safety depends on one, `apply` refuses with exit code 3.';
  return page('Declared, not yet enforced', intro, table(['field', '`apply` refuses'], rows));
}

const healthStates = [
  [
    'healthy',
    'It does what it is for, or somebody stopped it on purpose (paused, suspended): nothing to wait for.',
  ],
  ['progressing', 'It is on its way: `apply` waits until its timeout.'],
  ['failed', 'Waiting does not help: `apply` gives it a short time to recover, then stops.'],
  ['unknown', 'Nothing says so: `apply` waits a short time, lists it, and goes on.'],
] as const;

const conventions = [
  'A kind without a row is read by the conventions of the Kubernetes API, in this order:',
  '',
  '1. It is being deleted: progressing. Its `observedGeneration` is behind: progressing.',
  '2. A built-in kind without a status is healthy when it is stored; a custom resource whose status nobody has written is unknown.',
  '3. `spec.paused`, `spec.suspend` or a condition Paused: stopped on purpose.',
  '4. Conditions that name a failure (Stalled, Degraded, …Failed, …Error) and are True: failed.',
  '5. Condition Ready, or those that stand for it (Available, Healthy, Synced, Succeeded, …): healthy when True; failed when False for a reason that reads like a failure; progressing otherwise.',
  '6. Fields that name a phase (`phase`, `state`, `health`, …), by their word; a word that nobody knows is unknown.',
  '7. Ready replicas against wanted ones, and flags like `ready`.',
  '',
  'The worst of 4 to 6 counts.',
].join('\n');

const sources: Readonly<Record<string, string>> = {
  kstatus: 'kstatus of cli-utils',
  'argo-builtin': 'Argo CD, built-in kinds',
  argo: 'Argo CD, all other kinds',
  catalogue: 'of these, kinds of Kubernetes and of Toryo’s add-ons',
};

function kindsText({ kinds }: { readonly kinds: readonly string[] }): string {
  return kinds.map((kind) => code(kind.replace(/^\//, ''))).join(', ');
}

function healthPage(): string {
  const rows = healthRows.map((row) => [kindsText(row), row.says]);
  const figures = Object.entries(agreement.figures).map(([name, one]) => [
    sources[name] ?? name,
    String(one.cases),
    String(one.same),
    String(one.intended),
    `${(((one.same + one.intended) / one.cases) * 100).toFixed(1)} %`,
  ]);
  const meant = agreement.differences.map((one) => [
    sources[one.in] ?? one.in,
    [...('kinds' in one ? one.kinds : []), ...('cases' in one ? one.cases : [])].map(code).join(', ') ||
      'any kind',
    one.theirs,
    one.ours,
    one.why,
  ]);
  const parts = [
    `## States\n\n${table(['state', 'meaning'], healthStates)}`,
    `## Kinds\n\n${table(['kind', 'healthy when'], rows)}`,
    `## Other kinds\n\n${conventions}\n`,
    `## Configuration only\n\nHealthy as soon as they are stored: ${storedKinds.map(code).join(', ')}.\n`,
    `## Agreement with others\n\nCases that other projects publish, judged by Toryo. A difference is intended when it was looked at and has a reason below.\n\n${table(['source', 'cases', 'the same', 'intended differences', 'together'], figures)}`,
    `## Intended differences\n\n${table(['source', 'kinds or cases', 'theirs', 'Toryo’s', 'why'], meant)}`,
  ];
  const intro =
    'What `apply` waits for and `status` shows, by kind. Of what is not healthy, `apply` names the cause: the pod and its container, the claim, the quota or the finalizer.';
  return page('Health', intro, parts.join('\n'));
}

function everyFile(): ReadonlyMap<string, string> {
  const files = new Map<string, string>([...schemaFiles()].map(([name, text]) => [`schema/${name}`, text]));
  return files
    .set('docs/reference/schema.md', schemaPage())
    .set('docs/reference/diagnostics.md', diagnosticsPage())
    .set('docs/reference/errors.md', errorsPage())
    .set('docs/reference/names.md', namesPage())
    .set('docs/reference/health.md', healthPage())
    .set('docs/reference/not-enforced.md', notEnforcedPage())
    .set('docs/reference/cli.md', cliPage());
}

/** Every command as `help` shows it, so that the page and the program cannot differ. */
function cliPage(): string {
  const intro = [
    'Every command writes data to stdout and words to stderr. Exit codes: errors.md.',
    'On a terminal, tables and sentences wrap at its width (`COLUMNS` says another), at words: names, paths and commands to copy stay whole. In a pipe or a file each row and each sentence is one line, for `grep`.',
  ].join('\n\n');
  return page('Command line', intro, commandSections(commandTree(), 'toryo').join('\n'));
}

function commandSections(command: Command, name: string): readonly string[] {
  const usage = [
    name,
    command.commands.length > 0 ? 'COMMAND' : '',
    ...command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`)),
  ];
  const rows = command.options.map((option) => [
    code(option.flags),
    option.description,
    option.argChoices?.join(', ') ?? json(option.defaultValue ?? ''),
  ]);
  const options = rows.length === 0 ? '' : `\n${table(['option', 'meaning', 'values, or default'], rows)}`;
  const own = `## ${name}\n\n${command.description()}\n\n\`${usage.filter((word) => word !== '').join(' ')}\`\n${options}`;
  return [own, ...command.commands.flatMap((one) => commandSections(one, `${name} ${one.name()}`))];
}

/** Files of a generated folder that nothing makes any more. */
function leftovers(files: ReadonlyMap<string, string>): readonly string[] {
  const folder = path.join(root, 'schema');
  const present = existsSync(folder) ? readdirSync(folder).map((name) => `schema/${name}`) : [];
  return present.filter((file) => !files.has(file));
}

function differs(file: string, text: string): boolean {
  const absolute = path.join(root, file);
  return !existsSync(absolute) || readFileSync(absolute, 'utf8') !== text;
}

function write(files: ReadonlyMap<string, string>): void {
  for (const [file, text] of files) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    if (differs(file, text)) writeFileSync(path.join(root, file), text);
  }
  for (const file of leftovers(files)) rmSync(path.join(root, file));
}

const files = everyFile();
if (process.argv.includes('--check')) {
  const stale = [...files].filter(([file, text]) => differs(file, text)).map(([file]) => file);
  for (const file of [...stale, ...leftovers(files)])
    console.error(`${file} is not what the code makes: run \`npm run generate\``);
  process.exitCode = stale.length + leftovers(files).length === 0 ? 0 : 1;
} else write(files);
