import { Option, type Command } from 'commander';
import { act, add, collect, withClusters } from './command.ts';
import type { CommonOptions } from './session.ts';

interface ReachOptions extends CommonOptions {
  cluster?: readonly string[];
  port?: readonly string[];
  matrix?: boolean;
  isolation?: boolean;
  by?: 'owner' | 'namespace';
}

/** `toryo guard reach`: who reaches whom. */
export function addReach(guard: Command): void {
  withClusters(
    add(guard, {
      name: 'reach',
      about:
        'who reaches whom, as NetworkPolicies say it; exit 0 allowed, 3 refused (or a hole), 6 unknown. FROM and TO: App/TENANT/NAME, Addon/NAME, tenant/NAME, namespace/NAME, NAMESPACE/KIND/NAME, a network set, an address or a CIDR',
      examples: [
        'toryo guard reach App/shop/web orders-db',
        'toryo guard reach App/shop/web shop-web/Service/orders my-fleet --port 80',
        'toryo guard reach --matrix my-fleet -c shared-tokyo',
        'toryo guard reach --isolation',
      ],
      hasMarkdown: true,
    }),
  )
    .argument(
      '[words...]',
      'FROM TO and the folder of the fleet repository (.); the folder alone with --matrix',
    )
    .option(
      '--port <port>',
      '8080, 8080/TCP, 8000-8100/UDP, all/TCP (repeatable: one that passes is enough); what TO means when left out',
      collect,
    )
    .option('--matrix', 'all Apps, Addons and network sets of each cluster')
    .addOption(
      new Option('--by <unit>', 'rows of the matrix').choices(['owner', 'namespace']).default('owner'),
    )
    .option('--isolation', 'prove that tenants reach each other only through what they declare')
    .action((words: readonly string[], options: ReachOptions) =>
      act(options, async (session) =>
        (await import('./commands/guard-reach.ts')).guardReach(words, options, session),
      ),
    );
}
