import type { Command } from 'commander';
import { examples } from './command.ts';

/** Commands that hold objects against profiles and rules: guard check, reach, import, simulate. */
export function addGuardCommands(program: Command): Command {
  return program
    .command('guard')
    .description('what pods may be and whom they reach: check, reach, import, simulate')
    .addHelpText('after', examples(['toryo guard check', 'toryo guard reach App/shop/web dns']));
}
