import type { Command } from 'commander';
import { act, add, collect, examples, repository, withClusters } from './command.ts';
import type { CommonOptions } from './session.ts';

interface Scoped extends CommonOptions {
  readonly cluster?: readonly string[];
}

interface About extends Scoped {
  readonly namespace?: string;
  readonly name?: string;
}

type CanIGiven = [
  who: string,
  verb: string,
  what: string,
  path: string,
  options: About & { readonly group?: readonly string[]; readonly exitCode?: boolean },
];

/** Commands on who may do what: access who-can, can-i, diff, page. */
export function addAccessCommands(program: Command): void {
  const access = program
    .command('access')
    .description('who may do what on clusters, and what a change does to it: who-can, can-i, diff, page')
    .addHelpText('after', examples(['toryo access who-can get secrets', 'toryo access diff main .']));
  addWhoCan(access);
  addCanI(access);
  addDiff(access);
  addPage(access);
}

const resource = ['<resource>', 'pods, pods/exec, deployments.apps, or a path: /metrics'] as const;

function addWhoCan(access: Command): void {
  withClusters(
    add(access, {
      name: 'who-can',
      about: 'who may do something, where, and by which binding and role',
      examples: [
        'toryo access who-can get secrets',
        'toryo access who-can create pods/exec -n shop-web -c shop-tokyo',
        'toryo access who-can delete deployments.apps my-fleet -o json',
      ],
    }),
  )
    .argument('<verb>', 'get, list, create, bind …')
    .argument(...resource)
    .argument(...repository)
    .option('-n, --namespace <name>', 'in this namespace; anywhere when left out')
    .option('--name <name>', 'the object of this name')
    .action((verb: string, what: string, path: string, options: About) =>
      act(options, async (session) =>
        (await import('./commands/access-who-can.ts')).whoMay({ verb, what, path }, options, session),
      ),
    );
}

function addCanI(access: Command): void {
  withClusters(
    add(access, {
      name: 'can-i',
      about: 'whether somebody may do something, and why',
      examples: [
        'toryo access can-i group:shop:dev create pods/exec -n shop-web',
        'toryo access can-i serviceaccount:shop-web/web get secrets -c shop-tokyo',
        'toryo access can-i user:ann patch nodes --group ops',
      ],
    }),
  )
    .argument('<subject>', 'user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME')
    .argument('<verb>', 'get, list, create, bind …')
    .argument(...resource)
    .argument(...repository)
    .option('-n, --namespace <name>', 'in this namespace; everywhere when left out')
    .option('--name <name>', 'the object of this name')
    .option('--group <name>', 'a group that the subject is in (repeatable)', collect)
    .option('--exit-code', 'exit 3 when the answer is no on some cluster')
    .action((...[who, verb, what, path, options]: CanIGiven) =>
      act(options, async (session) =>
        (await import('./commands/access-can-i.ts')).may({ who, verb, what, path }, options, session),
      ),
    );
}

function addDiff(access: Command): void {
  withClusters(
    add(access, {
      name: 'diff',
      about: 'what a change does to who may do what: gained, lost, and ways to become more',
      examples: [
        'toryo access diff main .',
        'toryo access diff v1.4 v1.5 my-fleet --exit-code',
        'toryo access diff origin/main HEAD -o markdown',
      ],
      hasMarkdown: true,
    }),
  )
    .argument('<before>', 'a Git revision, a folder, or . for the files as they are')
    .argument('<after>', 'the same')
    .argument(...repository)
    .option('--exit-code', 'exit 5 when something changes')
    .action((before: string, after: string, path: string, options: Scoped & { exitCode?: boolean }) =>
      act(options, async (session) =>
        (await import('./commands/access-diff.ts')).diff({ before, after, path }, options, session),
      ),
    );
}

function addPage(access: Command): void {
  withClusters(
    add(access, {
      name: 'page',
      about: 'a page: who deploys, who operates apps and clusters, who reads secrets, ways to become more',
      examples: ['toryo access page', 'toryo access page my-fleet --out access.html'],
      hasMarkdown: true,
    }),
  )
    .argument(...repository)
    .option('--out <file>', 'write it there: HTML for .html, else Markdown')
    .action((path: string, options: Scoped & { out?: string }) =>
      act(options, async (session) =>
        (await import('./commands/access-page.ts')).page(path, options, session),
      ),
    );
}
