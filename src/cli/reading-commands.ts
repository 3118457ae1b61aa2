import { Option, type Command } from 'commander';
import type { LockOptions } from './commands/lock.ts';
import { act, add, repository, withClusters } from './command.ts';
import type { CommonOptions, Session } from './session.ts';

/** Commands that read a repository: check, build, lock, promote, init, explain. */
export function addReadingCommands(program: Command): void {
  addReading(program);
  addLock(program);
  addWriting(program);
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
}

function addLock(program: Command): void {
  add(program, {
    name: 'lock',
    about: 'write toryo.lock: which names exist, images by digest, clusters by identity',
    examples: [
      'toryo lock',
      'toryo lock --check',
      'toryo lock my-fleet --update',
      'toryo lock my-fleet --update registry.example.com/shop/web:1.5.0',
      'toryo lock --images',
    ],
  })
    .argument(...repository)
    .option('--check', 'only say what would be written; exit 5 when something would')
    .option('--images', 'lock images of every App and Addon, not only where a profile requires digests')
    .option('--update [image...]', 'ask again which digest a locked tag stands for: all, or these images')
    .action((path: string, options: CommonOptions & LockOptions) =>
      act(options, async (session) => (await import('./commands/lock.ts')).lock(path, options, session)),
    );
}

function addWriting(program: Command): void {
  add(program, {
    name: 'promote',
    about: 'copy images and versions from the environment before into the repository’s file',
    examples: [
      'toryo promote App/shop/web --to production',
      'toryo promote Addon/metallb --to production my-fleet --yes',
    ],
  })
    .argument('<owner>', 'App/TENANT/NAME or Addon/NAME')
    .argument(...repository)
    .requiredOption('--to <environment>', 'the environment that gets what the one before it has')
    .option('-y, --yes', 'write without a question')
    .action((owner: string, path: string, options: CommonOptions & { to: string; yes?: boolean }) =>
      act(options, async (session) =>
        (await import('./commands/promote.ts')).promote(
          { owner, root: path, ...options },
          session,
          (whose, from) => verdictFor(path, whose, from, session),
        ),
      ),
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

/** What clusters say about the version that is to be promoted. */
async function verdictFor(
  path: string,
  owner: string,
  environment: string,
  session: Session,
): Promise<string | undefined> {
  const [{ readingFor }, { build, verdictOn }] = await Promise.all([
    import('./repository.ts'),
    import('../toryo.ts'),
  ]);
  const { value } = await build(path, readingFor(session), session.run);
  return value && verdictOn(value, owner, environment, session);
}
