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
  wait?: boolean;
  rollback?: boolean;
  owner?: readonly string[];
  out?: string;
  readOnly?: boolean;
  repository?: string;
}

function withPermissions(command: Command): Command {
  return withClusters(command)
    .option('--allow-delete <kind/name>', 'let this protected object be deleted (repeatable)', collect)
    .option('--allow-prune <owner>', 'let this owner lose more than the brake lets it (repeatable)', collect);
}

/** Commands that look at or change clusters, or let them be changed: plan, apply, adopt, approve, status. */
export function addDeliveryCommands(program: Command): void {
  withPermissions(
    add(program, {
      name: 'plan',
      about: 'say what apply would do; writes nothing',
      examples: [
        'toryo plan',
        'toryo plan -c lab -o wide',
        'toryo plan --out plan.json',
        'toryo plan -o markdown',
        'toryo plan --read-only',
      ],
      hasMarkdown: true,
    }),
  )
    .argument(...repository)
    .option('--exit-code', 'exit 5 when there are differences')
    .option('--out <file>', 'write the plan to a file that can be approved and applied; - is stdout')
    .option('--read-only', 'only read: needs no right to write, and proves less')
    .action((path: string, options: DeliveryOptions) =>
      act(options, async (session) => (await import('./commands/plan.ts')).plan(path, options, session)),
    );
  withPermissions(
    add(program, {
      name: 'apply',
      about: 'make clusters what the repository says, wave by wave',
      examples: [
        'toryo apply',
        'toryo apply --yes --timeout 10m',
        'toryo apply -c lab',
        'toryo apply plan.json',
      ],
    }),
  )
    .argument('[path]', 'folder of the fleet repository, or file of a plan that is carried out as it is', '.')
    .option('--repository <folder>', "with a plan's file: the repository, when it stands elsewhere now")
    .option('-y, --yes', 'apply without a question')
    .option('--timeout <length>', 'how long each cluster may take to become healthy', '5m')
    .option('--patience <length>', 'how long a cluster may be out of reach before it counts as failed', '10m')
    .option('--no-rollback', 'leave what fails where it is, to look at it')
    .option('--no-wait', 'leave what soaks to soak: the next apply goes on from there')
    .action((path: string, options: DeliveryOptions) =>
      act(options, async (session) => (await import('./commands/apply.ts')).apply(path, options, session)),
    );
  addAdopt(program);
  addApprove(program);
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

function addAdopt(program: Command): void {
  withPermissions(
    add(program, {
      name: 'adopt',
      about: 'apply, and let owners have their objects that are there and are nobody’s',
      examples: ['toryo adopt --owner App/shop/web', 'toryo adopt -c lab --owner Addon/metallb --yes'],
    }),
  )
    .argument(...repository)
    .requiredOption('--owner <owner>', 'whose objects are adopted (repeatable)', collect)
    .option('-y, --yes', 'adopt without a question')
    .option('--timeout <length>', 'how long each cluster may take to become healthy', '5m')
    .action((path: string, options: DeliveryOptions) =>
      act(options, async (session) => (await import('./commands/apply.ts')).apply(path, options, session)),
    );
}

interface ApproveOptions extends CommonOptions {
  key?: string;
  expires?: string;
  wave?: readonly string[];
  yes?: boolean;
}

function addApprove(program: Command): void {
  add(program, {
    name: 'approve',
    about: 'show a plan, and sign that it may be applied',
    examples: [
      'toryo approve plan.json',
      'toryo approve plan.json --wave canary --expires 8h',
      'toryo approve plan.json --key ~/.ssh/id_ed25519.pub',
    ],
  })
    .argument('<plan>', 'file that `toryo plan --out` wrote; the approval is added to it')
    .option(
      '--key <file>',
      'SSH key, or the .pub file of one that an agent holds (default: user.signingkey of git)',
    )
    .option('--expires <length>', 'how long the approval holds, at most 7d', '24h')
    .option('--wave <name>', 'only this wave (repeatable)', collect)
    .option('-y, --yes', 'approve without a question')
    .action((file: string, options: ApproveOptions) =>
      act(options, async (session) =>
        (await import('./commands/approve.ts')).approve(file, options, session),
      ),
    );
}
