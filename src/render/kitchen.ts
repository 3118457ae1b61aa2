import path from 'node:path';
import { problem } from '../lib/index.ts';
import { cookChart } from './helm.ts';
import { cookKustomization } from './kustomize.ts';
import { refused, type Bench, type Objects, type Order } from './order.ts';
import { readManifests, readPlain } from './plain.ts';

/** Tools at a time: more only wait for each other's processor. */
const tools = 2;

/** Cooks orders with different keys, each key once; the tools two at a time. */
export async function cookAll(
  orders: readonly { readonly order: Order; readonly key: string }[],
  served: ReadonlyMap<string, readonly string[]>,
  bench: Bench,
): Promise<ReadonlyMap<string, Objects>> {
  const dishes = new Map<string, Objects>();
  const first = new Map<string, Order>();
  for (const { order, key } of orders) if (!first.has(key)) first.set(key, order);
  const waiting = [...first];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [key, order] = next;
      dishes.set(key, await cook(order, served.get(order.cluster.name) ?? [], bench));
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: tools }, work));
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  return dishes;
}

async function cook(order: Order, apiVersions: readonly string[], bench: Bench): Promise<Objects> {
  const { source, folder, namespace } = order;
  if ('catalog' in source)
    return readManifests(source.catalog.text.replaceAll('$(namespace)', namespace), source.catalog.file);
  if (source.path !== undefined) return readPlain(bench.ground, path.posix.join(folder, source.path));
  if (source.kustomize !== undefined) return cookKustomization(source.kustomize, order, bench);
  if (source.helm !== undefined) return cookChart({ ...order, helm: source.helm, apiVersions }, bench);
  return refused(problem('TRY-RENDER-003', order.at, { source: 'oci' }));
}
