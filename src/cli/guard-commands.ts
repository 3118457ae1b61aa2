import type { Command } from 'commander';
import { act, add, collect, examples, repository } from './command.ts';
import { addReach } from './reach-command.ts';
import type { CommonOptions } from './session.ts';

/** Commands that hold objects against profiles and rules: guard check, reach, import, simulate. */
export function addGuardCommands(program: Command): void {
  const guard = program
    .command('guard')
    .description('what pods may be and whom they reach: check, reach, import, simulate')
    .exitOverride()
    .addHelpText('after', examples(['toryo guard check', 'toryo guard reach App/shop/web dns']));
  addCheck(guard);
  addReach(guard);
  addSimulate(guard);
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

function addSimulate(guard: Command): void {
  add(guard, {
    name: 'simulate',
    about: 'say what on the clusters would be refused when it starts again under a profile; writes nothing',
    examples: ['toryo guard simulate stricter', 'toryo guard simulate stricter -c shop-tokyo -n shop-web'],
  })
    .argument('<profile>', 'name of a SecurityProfile')
    .argument(...repository)
    .option('-n, --namespace <name>', 'only this namespace (repeatable)', collect)
    .option('-c, --cluster <name>', 'only this cluster (repeatable)', collect)
    .action(
      (
        profile: string,
        path: string,
        options: CommonOptions & { namespace?: readonly string[]; cluster?: readonly string[] },
      ) =>
        act(options, async (session) =>
          (await import('./commands/guard-simulate.ts')).guardSimulate(profile, path, options, session),
        ),
    );
}
