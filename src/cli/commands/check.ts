import { build, type Built } from '../../toryo.ts';
import { countText, jsonDiagnostics } from '../diagnostics-text.ts';
import { invalid, readingFor } from '../repository.ts';
import type { Session } from '../session.ts';
import { yamlText } from '../../lib/index.ts';

export interface CheckOptions {
  readonly resolved?: boolean;
  readonly code?: boolean;
}

/** `toryo check`: reads, renders and compiles everything; asks no network. */
export async function check(root: string, options: CheckOptions, session: Session): Promise<number> {
  const built = await build(root, readingFor(session, options.code !== false), session.run);
  const { value, diagnostics } = built;
  if (session.format === 'json' || session.format === 'yaml') {
    const data = {
      valid: value !== undefined,
      diagnostics: jsonDiagnostics(diagnostics),
      ...(value === undefined ? {} : { summary: countsOf(value) }),
    };
    session.print(session.format === 'json' ? `${JSON.stringify(data, null, 2)}\n` : yamlText(data));
    return value === undefined ? invalid : 0;
  }
  session.tell(diagnostics);
  if (value === undefined) {
    session.say(`${session.style('red', '✗')} ${countText(diagnostics)}\n`);
    return invalid;
  }
  if (options.resolved === true) {
    const { printResolved } = await import('./resolved.ts');
    printResolved(value.fleet, session);
  }
  const counts = countsOf(value);
  const warnings = countText(diagnostics);
  session.say(
    `${session.style('green', '✓')} fleet ${value.fleet.name}: ${countsText(counts)}${warnings === '' ? '' : ` (${warnings})`}\n`,
  );
  return 0;
}

function countsOf(built: Built): {
  readonly clusters: number;
  readonly tenants: number;
  readonly apps: number;
  readonly addons: number;
  readonly objects: number;
} {
  const { fleet, bundles } = built;
  const objects = bundles.reduce((sum, bundle) => sum + bundle.manifests.length, 0);
  return {
    clusters: fleet.clusters.size,
    tenants: fleet.tenants.size,
    apps: fleet.apps.length,
    addons: fleet.addons.length,
    objects,
  };
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([noun, count]) => `${count} ${count === 1 ? noun.replace(/s$/, '') : noun}`)
    .join(', ')
    .replace('addon', 'add-on');
}
