import { Command, CommanderError } from 'commander';
import { at } from '../lib/index.ts';
import { packageVersion } from './commands/version.ts';
import { act, add, examples } from './command.ts';
import { addAccessCommands } from './access-commands.ts';
import { addDeliveryCommands } from './delivery-commands.ts';
import { addGuardCommands } from './guard-commands.ts';
import { addWaveCommands } from './wave-commands.ts';
import { addReadingCommands } from './reading-commands.ts';
import { addRecoveryCommands } from './recovery-commands.ts';
import { addSandboxCommands } from './sandbox-commands.ts';
import type { CommonOptions } from './session.ts';
import { columnsOf } from './style.ts';
import { wrapped } from './wrap.ts';

const usageExit = 2;

/** Runs the command line; commands are loaded only when they are called. */
export async function main(words: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', passClosedPipe);
  const program = commandTree();
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version were printed and are no mistake.
    process.exitCode = error.exitCode === 0 ? 0 : usageExit;
  }
}

// Who reads may stop (`| head -1`): what is left unsaid changes no answer and no exit code.
function passClosedPipe(error: Error): void {
  if (at(error, 'code') !== 'EPIPE') throw error;
}

/** Every command with its options: what help, completion and the reference page are made from. */
export function commandTree(): Command {
  const program = new Command('toryo')
    .description('One Git repository, turned into running, guarded, upgradable Kubernetes clusters.')
    .version(packageVersion(), '--version', 'print the version')
    // Else --version of `sandbox up` would be the program's.
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError('(`toryo help COMMAND` shows what it takes)')
    .configureHelp({ sortSubcommands: false })
    .configureOutput({
      getOutHelpWidth: () => columnsOf(process.stdout, process.env),
      getErrHelpWidth: () => columnsOf(process.stderr, process.env),
      outputError: (text, write) => write(wrapped(text, columnsOf(process.stderr, process.env))),
    })
    .exitOverride()
    .addHelpText('after', examples(['toryo init my-fleet', 'toryo check my-fleet', 'toryo apply my-fleet']));
  addReadingCommands(program);
  addDeliveryCommands(program);
  addWaveCommands(program);
  addGuardCommands(program);
  addAccessCommands(program);
  addRecoveryCommands(program);
  addSandboxCommands(program);
  addHelp(program);
  return program;
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
