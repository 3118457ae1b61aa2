import { listAt, objectAt, reasonOf, stringAt, type JsonObject } from '../lib/index.ts';
import type { Api, Sight } from './api.ts';
import { failAnnotation } from './stages.ts';

/**
 * Stands in for a cloud's load balancers: a Service of type LoadBalancer gets an address in 127.<subnet>/16.
 * `sandbox.toryo.dev/fail: NoAddress` on the Service keeps it waiting. One with a loadBalancerClass is somebody else's.
 */
export class LoadBalancer {
  readonly #api: Api;
  readonly #subnet: number;
  readonly #addresses = new Map<string, string>();

  constructor(api: Api, subnet: number) {
    this.#api = api;
    this.#subnet = subnet;
  }

  /** Looks at one Service: gives it an address, takes it away, or leaves it. */
  async see({ object, isGone }: Sight): Promise<void> {
    const key = `${stringAt(object, 'metadata', 'namespace')}/${stringAt(object, 'metadata', 'name')}`;
    const has = stringAt(listAt(object, 'status', 'loadBalancer', 'ingress')[0], 'ip');
    if (has !== undefined) this.#addresses.set(key, has);
    if (isGone || !isWanted(object)) this.#addresses.delete(key);
    if (isGone) return;
    if (isWanted(object) === (has !== undefined)) return;
    if (!isWanted(object)) return this.#write(object, []);
    const ip = this.#addresses.get(key) ?? this.#free();
    this.#addresses.set(key, ip);
    await this.#write(object, [{ ip }]);
  }

  async #write(service: JsonObject, ingress: readonly JsonObject[]): Promise<void> {
    const namespace = stringAt(service, 'metadata', 'namespace') ?? '';
    const name = stringAt(service, 'metadata', 'name') ?? '';
    const path = `/api/v1/namespaces/${namespace}/services/${name}/status`;
    await this.#api.patch(path, { status: { loadBalancer: { ingress } } });
  }

  /** From the upper half of the subnet: the lower half is for nodes. */
  #free(): string {
    const taken = new Set(this.#addresses.values());
    for (let number = 1; number < 32_000; number += 1) {
      const ip = `127.${this.#subnet}.${128 + Math.floor(number / 254)}.${(number % 254) + 1}`;
      if (!taken.has(ip)) return ip;
    }
    throw new Error('this sandbox has no address left');
  }
}

function isWanted(service: JsonObject): boolean {
  const spec = objectAt(service, 'spec');
  if (stringAt(service, 'metadata', 'annotations', failAnnotation) === 'NoAddress') return false;
  if (stringAt(service, 'metadata', 'deletionTimestamp') !== undefined) return false;
  return spec['type'] === 'LoadBalancer' && spec['loadBalancerClass'] === undefined;
}

/** Does the work of a sight later, and again when it failed: objects change under a stand-in's hands. */
export function inTurn(
  see: (sight: Sight) => Promise<void>,
  note: (why: string) => void,
): (sight: Sight) => void {
  let turn = Promise.resolve();
  return (sight) => {
    turn = turn.then(() => see(sight)).catch((error: unknown) => note(reasonOf(error)));
  };
}
