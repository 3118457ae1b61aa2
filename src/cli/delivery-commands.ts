import type { Command } from 'commander';
import { act, add, collect, repository, withClusters } from './command.ts';
import type { CommonOptions } from './session.ts';

interface DeliveryOptions extends CommonOptions {
  cluster?: readonly string[];
  exitCode?: boolean;
  allowDelete?: readonly string[];
  allowPrune?: readonly string[];
  yes?: boolean;
  timeout?: string;
  patience?: string;
}

function withPermissions(command: Command): Command {
  return withClusters(command)
    .option('--allow-delete <kind/name>', 'let this protected object be deleted (repeatable)', collect)
    .option('--allow-prune <owner>', 'let this owner lose more than the brake lets it (repeatable)', collect);
}

/** Commands that look at or change clusters: plan, apply, status. */
export function addDeliveryCommands(program: Command): void {
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
    .option('--patience <length>', 'how long a cluster may be out of reach before it counts as failed', '10m')
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
