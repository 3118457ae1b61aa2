import { failure, isDnsLabel } from '../../lib/index.ts';
import { loadCatalog } from '../../catalog/index.ts';
import {
  componentNames,
  defaultVersion,
  down,
  downAll,
  isSandboxVersion,
  kubeconfigPath,
  list,
  logsOf,
  nodesFor,
  sandboxVersions,
  up,
  zoneNames,
} from '../../sandbox/index.ts';
import type { Session } from '../session.ts';
import { tableText } from '../table.ts';
import { readFile } from 'node:fs/promises';

export interface UpOptions {
  readonly version?: string;
  readonly nodes?: string;
  readonly zones?: string;
}

const machine = 'm6i.large';

/** `toryo sandbox up`: a real control plane on this machine. */
export async function sandboxUp(name: string, options: UpOptions, session: Session): Promise<number> {
  const version = options.version ?? defaultVersion;
  if (!isDnsLabel(name))
    throw failure('TORYO_USAGE', { why: `${name} is no name: at most 63 of a-z, 0-9 and "-"` });
  if (!isSandboxVersion(version))
    throw failure('TORYO_USAGE', { why: `a sandbox serves ${sandboxVersions.join(', ')}, not ${version}` });
  const count = wholeNumber('--nodes', options.nodes ?? '3');
  const zones = zoneNames(wholeNumber('--zones', options.zones ?? '3'));
  const type = loadCatalog().instanceTypes.get(machine);
  if (type === undefined) throw failure('TORYO_INTERNAL', { why: `the catalogue has no ${machine}` });
  const nodes = nodesFor(
    [
      {
        name: 'general',
        count,
        instanceType: machine,
        cpu: String(type.cpu),
        memory: `${type.memoryMiB}Mi`,
        pods: type.pods,
      },
    ],
    { zones },
  );
  const state = await up({ name, version, nodes }, session.run, session.env);
  session.say(
    `${session.style('green', '✓')} sandbox ${name} runs Kubernetes ${version} with ${count} nodes (${state.phase})\n`,
  );
  session.say(`  kubectl --kubeconfig "$(toryo sandbox kubeconfig ${name} --path)" get nodes\n`);
  return 0;
}

function wholeNumber(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 1000)
    throw failure('TORYO_USAGE', { why: `${flag} ${text} is not a whole number from 1 to 1000` });
  return number;
}

/** `toryo sandbox list`. */
export async function sandboxList(session: Session): Promise<number> {
  const states = await list(session.env);
  if (session.format === 'json') session.print(`${JSON.stringify(states, null, 2)}\n`);
  else if (session.format === 'name') session.print(states.map((state) => `${state.name}\n`).join(''));
  else if (states.length === 0)
    session.say('no sandbox cluster runs; start one with `toryo sandbox up NAME`\n');
  else
    session.show(
      tableText(
        ['NAME', 'PHASE', 'VERSION', 'SERVER'],
        states.map((state) => [state.name, state.phase, state.spec.version ?? defaultVersion, state.server]),
        session.style.columns(),
      ),
    );
  return 0;
}

/** `toryo sandbox kubeconfig`: the file itself, or its path. */
export async function sandboxKubeconfig(
  name: string,
  options: { readonly path?: boolean },
  session: Session,
): Promise<number> {
  const file = await kubeconfigPath(name, session.env);
  session.print(options.path === true ? `${file}\n` : await readFile(file, 'utf8'));
  return 0;
}

/** `toryo sandbox logs`. */
export async function sandboxLogs(
  name: string,
  component: string | undefined,
  session: Session,
): Promise<number> {
  // The program's name serves as well as the short one.
  const known = componentNames.find((one) => one === component || `kube-${one}` === component);
  if (component !== undefined && component !== 'supervisor' && known === undefined) {
    throw failure('TORYO_USAGE', {
      why: `there is no component ${component}; there are supervisor, ${componentNames.join(', ')}`,
    });
  }
  const logs = await logsOf(name, component === 'supervisor' ? 'supervisor' : known, session.env);
  for (const [log, text] of logs)
    session.print(text.replaceAll(/^(?=.)/gm, `${session.style('cyan', log)} `));
  return 0;
}

/** `toryo sandbox down`: ends every program of a cluster and removes its folder. */
export async function sandboxDown(
  name: string | undefined,
  options: { readonly all?: boolean },
  session: Session,
): Promise<number> {
  if (options.all === true && name !== undefined)
    throw failure('TORYO_USAGE', { why: `give ${name} or --all, not both` });
  if (options.all === true) {
    const names = await downAll(session.run, session.env);
    session.say(
      `${session.style('green', '✓')} ${names.length === 0 ? 'nothing ran' : `removed ${names.join(', ')}`}\n`,
    );
    return 0;
  }
  if (name === undefined) throw failure('TORYO_USAGE', { why: 'which one? give a NAME, or --all' });
  await down(name, session.run, session.env);
  session.say(`${session.style('green', '✓')} removed ${name}\n`);
  return 0;
}
