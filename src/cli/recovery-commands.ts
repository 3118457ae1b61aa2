import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { act, add, examples, repository, withClusters } from './command.ts';
import type { CommonOptions } from './session.ts';

interface UndoOptions extends CommonOptions {
  cluster?: readonly string[];
  owner?: string;
  list?: boolean;
  yes?: boolean;
}

interface InventoryOptions extends CommonOptions {
  cluster?: readonly string[];
  repair?: boolean;
}

/** True for KIND/NAME, where there is no folder of that path. */
function isObjectName(word: string): boolean {
  return /^[A-Z][A-Za-z]+\/[^/]/.test(word) && !existsSync(word);
}

/** Commands that put right what went wrong: undo, inventory. */
export function addRecoveryCommands(program: Command): void {
  withClusters(
    add(program, {
      name: 'undo',
      about: 'bring back what apply deleted in the last seven days',
      examples: [
        'toryo undo --list',
        'toryo undo --owner App/shop/web',
        'toryo undo ConfigMap/web-settings -c lab --yes',
      ],
    }),
  )
    .argument(...repository)
    .argument('[objects...]', 'KIND/NAME or KIND/NAMESPACE/NAME; all when left out')
    .option('--owner <owner>', 'only what was deleted of this owner')
    .option('--list', 'only say what can be brought back')
    .option('-y, --yes', 'bring it back without a question')
    .action((path: string, names: readonly string[], options: UndoOptions) =>
      act(options, async (session) => {
        const { undo } = await import('./commands/undo.ts');
        // In the folder of the fleet its path is left out.
        return isObjectName(path)
          ? undo('.', { ...options, names: [path, ...names] }, session)
          : undo(path, { ...options, names }, session);
      }),
    );
  const inventory = program
    .command('inventory')
    .description('look at the lists of what Toryo has on each cluster')
    .exitOverride();
  inventory.addHelpText(
    'after',
    examples(['toryo inventory check', 'toryo inventory check --repair -c lab']),
  );
  withClusters(
    add(inventory, {
      name: 'check',
      about: 'compare inventories with what carries our marks',
      examples: ['toryo inventory check', 'toryo inventory check --repair -c lab'],
    }),
  )
    .argument(...repository)
    .option('--repair', 'write inventories that are wrong anew; deletes nothing')
    .action((path: string, options: InventoryOptions) =>
      act(options, async (session) =>
        (await import('./commands/inventory.ts')).inventoryCheck(path, options, session),
      ),
    );
}
