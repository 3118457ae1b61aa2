import type { Command } from 'commander';
import { act, add } from './command.ts';
import type { CommonOptions } from './session.ts';

/** `toryo sandbox …`: clusters on this machine. */
export function addSandboxCommands(program: Command): void {
  const sandbox = program
    .command('sandbox')
    .description('real control planes on this machine')
    .exitOverride();
  add(sandbox, {
    name: 'up',
    about: 'start a cluster, or change a running one',
    examples: ['toryo sandbox up lab', 'toryo sandbox up lab --version 1.36 --nodes 6 --zones 3'],
  })
    .argument('<name>', 'name of the cluster')
    .option('--version <minor>', 'Kubernetes version: 1.33, 1.34, 1.35 or 1.36')
    .option('--nodes <count>', 'number of nodes', '3')
    .option('--zones <count>', 'zones that they are spread over', '3')
    .action((name: string, options: CommonOptions & { version?: string; nodes?: string; zones?: string }) =>
      act(options, async (session) =>
        (await import('./commands/sandbox.ts')).sandboxUp(name, options, session),
      ),
    );
  add(sandbox, {
    name: 'list',
    about: 'show the clusters of this machine',
    examples: ['toryo sandbox list'],
  }).action((options: CommonOptions) =>
    act(options, async (session) => (await import('./commands/sandbox.ts')).sandboxList(session)),
  );
  add(sandbox, {
    name: 'kubeconfig',
    about: 'print a kubeconfig, or its path',
    examples: ['export KUBECONFIG=$(toryo sandbox kubeconfig lab --path)'],
  })
    .argument('<name>', 'name of the cluster')
    .option('--path', 'print the path of the file')
    .action((name: string, options: CommonOptions & { path?: boolean }) =>
      act(options, async (session) =>
        (await import('./commands/sandbox.ts')).sandboxKubeconfig(name, options, session),
      ),
    );
  addSandboxCare(sandbox);
}

function addSandboxCare(sandbox: Command): void {
  add(sandbox, {
    name: 'logs',
    about: 'show the logs of a cluster’s programs',
    examples: ['toryo sandbox logs lab kube-apiserver'],
  })
    .argument('<name>', 'name of the cluster')
    .argument('[component]', 'one of its programs')
    .action((name: string, component: string | undefined, options: CommonOptions) =>
      act(options, async (session) =>
        (await import('./commands/sandbox.ts')).sandboxLogs(name, component, session),
      ),
    );
  add(sandbox, {
    name: 'down',
    about: 'stop a cluster and remove its folder',
    examples: ['toryo sandbox down lab', 'toryo sandbox down --all'],
  })
    .argument('[name]', 'name of the cluster')
    .option('--all', 'every cluster of this machine')
    .action((name: string | undefined, options: CommonOptions & { all?: boolean }) =>
      act(options, async (session) =>
        (await import('./commands/sandbox.ts')).sandboxDown(name, options, session),
      ),
    );
}
