import { Command, CommanderError, Option } from 'commander';
import { inSession, outputFormats, type CommonOptions, type Session } from './session.ts';

type Action = (session: Session) => Promise<number>;

const usageExit = 2;

/** Runs the command line; commands are loaded only when they are called. */
export async function main(words: readonly string[]): Promise<void> {
  const program = commandTree();
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version were printed and are no mistake.
    process.exitCode = error.exitCode === 0 ? 0 : usageExit;
  }
}

/** Every command with its options: what help, completion and the reference page are made from. */
export function commandTree(): Command {
  const program = new Command('toryo')
    .description('One Git repository, turned into running, guarded, upgradable Kubernetes clusters.')
    .showSuggestionAfterError()
    .showHelpAfterError('(toryo help COMMAND shows what it takes)')
    .configureHelp({ sortSubcommands: false })
    .exitOverride()
    .addHelpText('after', examples(['toryo init my-fleet', 'toryo check my-fleet', 'toryo apply my-fleet']));
  addReading(program);
  addDelivery(program);
  addSandbox(program);
  addHelp(program);
  return program;
}

function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

interface Wanted {
  readonly name: string;
  readonly about: string;
  readonly examples: readonly string[];
}

function add(parent: Command, wanted: Wanted): Command {
  const command = parent.command(wanted.name).description(wanted.about).exitOverride();
  command
    .addOption(new Option('-o, --output <format>', 'how to write results').choices(outputFormats))
    .option('--no-color', 'no colours (also: NO_COLOR)');
  return command.addHelpText('after', examples(wanted.examples));
}

const repository = ['[path]', 'folder of the fleet repository', '.'] as const;
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

function withClusters(command: Command): Command {
  return command.option('-c, --cluster <name>', 'only this cluster (repeatable)', collect);
}

function addReading(program: Command): void {
  add(program, {
    name: 'check',
    about: 'read, render and compile everything, and say every mistake at once',
    examples: ['toryo check', 'toryo check my-fleet --resolved', 'toryo check -o json'],
  })
    .argument(...repository)
    .option('--resolved', 'show each resolved value and the line it came from')
    .option('--no-code', 'refuse a fleet written in TypeScript (for pull requests from strangers)')
    .action((path: string, options: CommonOptions & { resolved?: boolean; code?: boolean }) =>
      act(options, async (session) => (await import('./commands/check.ts')).check(path, options, session)),
    );
  withClusters(
    add(program, {
      name: 'build',
      about: 'render what every cluster should be',
      examples: [
        'toryo build --out rendered',
        'toryo build --out rendered --check',
        'toryo build -o yaml -c lab',
      ],
    }),
  )
    .argument(...repository)
    .option('--out <folder>', 'write one folder per cluster there')
    .option('--check', 'compare with what is written there; exit 5 when it differs')
    .action(
      (
        path: string,
        options: CommonOptions & { out?: string; check?: boolean; cluster?: readonly string[] },
      ) =>
        act(options, async (session) => (await import('./commands/build.ts')).build(path, options, session)),
    );
  add(program, {
    name: 'lock',
    about: 'write toryo.lock: which names exist, charts by digest, clusters by identity',
    examples: ['toryo lock', 'toryo lock --check'],
  })
    .argument(...repository)
    .option('--check', 'only say what would be written; exit 5 when something would')
    .action((path: string, options: CommonOptions & { check?: boolean }) =>
      act(options, async (session) => (await import('./commands/lock.ts')).lock(path, options, session)),
    );
  add(program, {
    name: 'init',
    about: 'start a fleet repository',
    examples: ['toryo init my-fleet', 'toryo init my-fleet --template acme'],
  })
    .argument('<folder>', 'a new or empty folder')
    .addOption(
      new Option('--template <name>', 'what to start from').choices(['minimal', 'acme']).default('minimal'),
    )
    .action((folder: string, options: CommonOptions & { template: 'minimal' | 'acme' }) =>
      act(options, async (session) => (await import('./commands/init.ts')).init(folder, options, session)),
    );
  add(program, {
    name: 'explain',
    about: 'say what a field or a code means',
    examples: [
      'toryo explain App',
      'toryo explain Tenant.spec.namespaces.quota',
      'toryo explain TRY-SPEC-014',
    ],
  })
    .argument('<topic>', 'a kind, a field path or a code')
    .action((topic: string, options: CommonOptions) =>
      act(options, async (session) => (await import('./commands/explain.ts')).explainTopic(topic, session)),
    );
}

interface DeliveryOptions extends CommonOptions {
  cluster?: readonly string[];
  exitCode?: boolean;
  allowDelete?: readonly string[];
  allowPrune?: readonly string[];
  yes?: boolean;
  timeout?: string;
}

function withPermissions(command: Command): Command {
  return withClusters(command)
    .option('--allow-delete <kind/name>', 'let this protected object be deleted (repeatable)', collect)
    .option('--allow-prune <owner>', 'let this owner lose more than the brake lets it (repeatable)', collect);
}

function addDelivery(program: Command): void {
  withPermissions(
    add(program, {
      name: 'plan',
      about: 'say what apply would do; writes nothing',
      examples: ['toryo plan', 'toryo plan -c lab -o wide', 'toryo plan --exit-code'],
    }),
  )
    .argument(...repository)
    .option('--exit-code', 'exit 5 when there are differences')
    .action((path: string, options: DeliveryOptions) =>
      act(options, async (session) => (await import('./commands/plan.ts')).plan(path, options, session)),
    );
  withPermissions(
    add(program, {
      name: 'apply',
      about: 'make clusters what the repository says, wave by wave',
      examples: ['toryo apply', 'toryo apply --yes --timeout 10m', 'toryo apply -c lab'],
    }),
  )
    .argument(...repository)
    .option('-y, --yes', 'apply without a question')
    .option('--timeout <length>', 'how long each cluster may take to become healthy', '5m')
    .action((path: string, options: DeliveryOptions) =>
      act(options, async (session) => (await import('./commands/apply.ts')).apply(path, options, session)),
    );
  withClusters(
    add(program, {
      name: 'status',
      about: 'say what is there of what is wanted, and how it is',
      examples: ['toryo status', 'toryo status -o wide'],
    }),
  )
    .argument(...repository)
    .action((path: string, options: CommonOptions & { cluster?: readonly string[] }) =>
      act(options, async (session) => (await import('./commands/status.ts')).status(path, options, session)),
    );
}

function addSandbox(program: Command): void {
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

function addHelp(program: Command): void {
  add(program, {
    name: 'doctor',
    about: 'look at this machine: Node.js, programs, clusters',
    examples: ['toryo doctor'],
  }).action((options: CommonOptions) =>
    act(options, async (session) => (await import('./commands/doctor.ts')).doctor(session)),
  );
  add(program, {
    name: 'version',
    about: 'print the version',
    examples: ['toryo version', 'toryo version -o json'],
  }).action((options: CommonOptions) =>
    act(options, async (session) => (await import('./commands/version.ts')).version(session)),
  );
  add(program, {
    name: 'completion',
    about: 'print a completion script',
    examples: ['source <(toryo completion bash)', 'toryo completion fish | source'],
  })
    .argument('<shell>', 'bash, zsh or fish')
    .action((shell: string, options: CommonOptions) =>
      act(options, async (session) =>
        (await import('./commands/completion.ts')).completion(shell, commandTree(), session),
      ),
    );
}

function act(options: CommonOptions, action: Action): Promise<void> {
  return inSession(options, action);
}
