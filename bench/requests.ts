import type { KubeClient } from '../src/kube/index.ts';

/** Requests by `verb resource`, dry-runs as `dry-run resource`, as an API server has counted them. */
export type Requests = ReadonlyMap<string, number>;

// What the parts of a cluster do all the time, with or without us.
const background =
  /^(leases|nodes|events|endpoints|endpointslices|replicasets|pods|subjectaccessreviews|tokenreviews|flowschemas|prioritylevelconfigurations|ipaddresses|servicecidrs)$/;

/** Reads the counters of an API server. */
export async function requestsOf(client: KubeClient): Promise<Requests> {
  const { text } = await client.raw('GET', '/metrics', { accept: 'text/plain' });
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('apiserver_request_total{')) continue;
    const label = (name: string): string => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? '';
    const [verb, resource] = [label('verb'), label('resource')];
    if (verb === 'WATCH' || label('subresource') !== '' || background.test(resource)) continue;
    const what = `${label('dry_run') === '' ? verb : 'dry-run'} ${resource}`;
    counts.set(what, (counts.get(what) ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1)));
  }
  return counts;
}

/** What was asked between two readings, by verb. */
export function requestsBetween(before: Requests, after: Requests): ReadonlyMap<string, number> {
  const verbs = new Map<string, number>();
  for (const [what, count] of after) {
    const verb = what.split(' ')[0] ?? '';
    const more = count - (before.get(what) ?? 0);
    if (more > 0) verbs.set(verb, (verbs.get(verb) ?? 0) + more);
  }
  return verbs;
}
