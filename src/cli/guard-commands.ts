import type { Command } from 'commander';
import { act, add, collect, examples, repository } from './command.ts';
import { addReach } from './reach-command.ts';
import type { GuardImportOptions } from './commands/guard-import.ts';
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
  addImport(guard);
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
      'folder of the fleet repository, App/TENANT/NAME, Addon/NAME, or files of manifests (- is stdin); with --fleet also a folder of them',
    )
    .option('--fleet <path>', 'folder of the fleet repository (.)')
    .option('-n, --namespace <name>', 'namespace of manifests that name none')
    .option('-c, --cluster <name>', 'only this cluster (repeatable)', collect)
    .action(
      (
        what: readonly string[],
        options: CommonOptions & { fleet?: string; namespace?: string; cluster?: readonly string[] },
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

function addImport(guard: Command): void {
  add(guard, {
    name: 'import',
    about:
      'turn PodSecurityPolicies and their bindings into profiles, and show every pod that is answered differently',
    examples: [
      'kubectl get psp,clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml | toryo guard import -',
      'toryo guard import policies/ --out my-fleet',
      'toryo guard import psp.yaml --kubernetes 1.35 -o markdown',
    ],
    hasMarkdown: true,
  })
    .argument('<source...>', 'files, folders, or - for standard input: YAML, JSON, lists, JSON lines')
    .option('--out <folder>', 'write each profile to profiles/ in there')
    .option('--overwrite', 'replace profiles that are there with other content')
    .option('--exact', 'keep open what a policy leaves open, though Pod Security then guards nothing')
    .option(
      '--kubernetes <version>',
      'the version that the profiles will hold on (default: the newest known)',
    )
    .action((sources: readonly string[], options: CommonOptions & GuardImportOptions) =>
      act(options, async (session) =>
        (await import('./commands/guard-import.ts')).guardImport(sources, options, session),
      ),
    );
}
