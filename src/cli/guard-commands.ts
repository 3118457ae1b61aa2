import type { Command } from 'commander';
import { act, add, collect, examples } from './command.ts';
import type { CommonOptions } from './session.ts';

/** Commands that hold objects against profiles and rules: guard check, reach, import, simulate. */
export function addGuardCommands(program: Command): void {
  const guard = program
    .command('guard')
    .description('what pods may be and whom they reach: check, reach, import, simulate')
    .exitOverride()
    .addHelpText('after', examples(['toryo guard check', 'toryo guard reach App/shop/web dns']));
  addCheck(guard);
}

function addCheck(guard: Command): void {
  add(guard, {
    name: 'check',
    about: 'say what the API servers would refuse, why, and the smallest change; asks no cluster',
    examples: [
      'toryo guard check',
      'toryo guard check App/shop/web --fleet my-fleet',
      'kubectl get deployment web -o yaml | toryo guard check - -n shop-web',
    ],
  })
    .argument(
      '[what...]',
      'folder of the fleet repository, App/TENANT/NAME, Addon/NAME, or files of manifests (- is stdin)',
    )
    .option('--fleet <path>', 'folder of the fleet repository', '.')
    .option('-n, --namespace <name>', 'namespace of manifests that name none')
    .option('-c, --cluster <name>', 'only this cluster (repeatable)', collect)
    .action(
      (
        what: readonly string[],
        options: CommonOptions & { fleet: string; namespace?: string; cluster?: readonly string[] },
      ) =>
        act(options, async (session) =>
          (await import('./commands/guard-check.ts')).guardCheck(what, options, session),
        ),
    );
}
