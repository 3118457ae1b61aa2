import { failure, isFailure, tell, type Run } from '../lib/index.ts';
import type { Environment } from './order.ts';
import type { Patience } from './registry/exchange.ts';

/** Images that are asked for at the same time. */
const atOnce = 8;

/** What asking registries needs besides the images. */
export interface Asking {
  readonly env: Environment;
  readonly patience?: Partial<Patience>;
}

/**
 * The digest that each image's tag stands for now, each image asked for once. All that fail are told at once: the failure itself
 * when there is one, else TORYO_IMAGES with every reason; then nothing is given.
 */
export async function resolveImages(
  images: readonly string[],
  { env, patience = {} }: Asking,
  run: Run,
): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(images)];
  const digests = new Map<string, string>();
  if (wanted.length === 0) return digests;
  // The HTTP client is worth its start-up only where a registry is asked.
  const { Registries } = await import('./registry/registry.ts');
  const registries = new Registries(env, run, patience);
  const failures: Error[] = [];
  const queue = wanted.values();
  const resolveNext = async (): Promise<void> => {
    for (const image of queue) {
      const about = { subject: image, verb: 'resolve' };
      tell(run, { ...about, state: 'started' });
      try {
        const digest = await registries.digestOf(image);
        digests.set(image, digest);
        tell(run, { ...about, state: 'done', why: digest });
      } catch (error) {
        if (!isFailure(error) || error.code === 'TORYO_INTERRUPTED') throw error;
        failures.push(error);
        tell(run, { ...about, state: 'failed', why: error.message });
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, wanted.length) }, resolveNext));
  } finally {
    await registries.close();
  }
  throwAll(failures);
  return digests;
}

function throwAll(failures: readonly Error[]): void {
  const [first] = failures;
  if (first === undefined) return;
  const reasons = [...new Set(failures.map((one) => one.message))].sort();
  if (reasons.length === 1) throw first;
  const list = reasons.map((reason) => `\n  ${reason}`).join('');
  throw failure('TORYO_IMAGES', { count: failures.length, list }, { cause: new AggregateError(failures) });
}
