import { digestOf, type Run } from '../lib/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { GateAnswer, GateCall, Look } from '../deliver/index.ts';
import { gateOn, type Gate } from '../spec/index.ts';
import { clusterOf, type Built, type Environment } from './looking.ts';

/** What gates are asked with. */
export interface Asking {
  readonly built: Built;
  readonly bundles: readonly Bundle[];
  readonly env: Environment;
}

/** Asks every gate of a wave, on each of its clusters or once; the first that does not pass decides. */
export async function askWave(
  call: GateCall,
  looks: ReadonlyMap<string, Look>,
  { built, bundles, env }: Asking,
  run: Run,
): Promise<GateAnswer> {
  const { revisionsOf, waitForGate } = await import('../deliver/index.ts');
  const revisions = revisionsOf(bundles);
  const revision = digestOf(call.owners.map((owner) => revisions.get(owner) ?? ''));
  const gates = built.fleet.waves.find((wave) => wave.name === call.wave)?.gates ?? [];
  const askOne = async (gate: Gate, name: string): Promise<GateAnswer> => {
    const client = looks.get(name)?.client;
    if (client === undefined)
      return { outcome: 'unknown', why: `gate ${gate.name}: ${name} cannot be asked` };
    const asked = { gate: gateOn(gate, clusterOf(built.fleet, name)), fleet: built.fleet.name, revision };
    const { outcome, why } = await waitForGate(asked, { client, env }, run);
    return { outcome, why: `gate ${gate.name} on ${name}: ${why}` };
  };
  const questions = gates.flatMap((gate) => {
    const clusters = gate.ask === 'once' ? call.clusters.slice(0, 1) : call.clusters;
    return clusters.map((name) => askOne(gate, name));
  });
  const answers = await Promise.all(questions);
  const find = (outcome: GateAnswer['outcome']): GateAnswer | undefined =>
    answers.find((answer) => answer.outcome === outcome);
  return find('fail') ?? find('unknown') ?? { outcome: 'pass', why: '' };
}
