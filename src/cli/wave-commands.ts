import type { Command } from 'commander';
import { act, add, examples, repository, withClusters } from './command.ts';
import type { CommonOptions } from './session.ts';

interface WaveOptions extends CommonOptions {
  cluster?: readonly string[];
  repository?: string;
  why?: string;
}

const room = () => import('./commands/wave.ts');

/** Commands about waves under way: `toryo wave …`. */
export function addWaveCommands(program: Command): void {
  const wave = program
    .command('wave')
    .description('look at waves under way, and have a say in them')
    .exitOverride();
  wave.addHelpText(
    'after',
    examples([
      'toryo wave list',
      'toryo wave halt App/shop/web --why "slow"',
      'toryo wave rollback App/shop/web',
    ]),
  );
  withClusters(
    add(wave, {
      name: 'list',
      about: 'how far every owner got',
      examples: ['toryo wave list', 'toryo wave list -o wide'],
    }),
  )
    .argument(...repository)
    .action((path: string, options: WaveOptions) =>
      act(options, async (session) => (await room()).waveList(path, options, session)),
    );
  withClusters(
    add(wave, {
      name: 'watch',
      about: 'the list again whenever it changes, until nothing moves',
      examples: ['toryo wave watch'],
    }),
  )
    .argument(...repository)
    .action((path: string, options: WaveOptions) =>
      act(options, async (session) => (await room()).waveWatch(path, options, session)),
    );
  withOwner(wave, 'halt', 'stop the revision of an owner where it is').action(
    (owner: string, options: WaveOptions) =>
      act(options, async (session) => (await room()).waveHalt(owner, options, session)),
  );
  withOwner(wave, 'promote', 'let the revision of an owner go on: no more soak, no halt').action(
    (owner: string, options: WaveOptions) =>
      act(options, async (session) => (await room()).wavePromote(owner, options, session)),
  );
  withOwner(
    wave,
    'rollback',
    'take an owner back to the revision before, on every cluster that the change reached',
  ).action((owner: string, options: WaveOptions) =>
    act(options, async (session) => (await room()).waveRollback(owner, options, session)),
  );
}

function withOwner(wave: Command, name: string, about: string): Command {
  return add(wave, { name, about, examples: [`toryo wave ${name} App/shop/web`] })
    .argument('<owner>', 'App/TENANT/NAME, Addon/NAME or Tenant/NAME')
    .option('--repository <path>', 'folder of the fleet repository', '.')
    .option('--why <text>', 'reason, shown to whoever asks');
}
