import { digestOf, isClean, problem } from '../lib/index.ts';
import { assets } from '../assets/index.ts';
import { withoutMachinePaths } from './inputs.ts';
import { keepObjects, keptObjects } from './kept.ts';
import { refused, type Bench, type Objects, type Order, type Tool } from './order.ts';
import { runTool, withHome } from './tool.ts';

/** What one of the tools is asked to do. */
export interface Recipe {
  readonly tool: Tool;
  /** Everything that the output depends on besides the tool's version; no path of this machine. */
  readonly inputs: unknown;
  /** Writes what the tool needs into its home and gives its arguments. */
  prepare(home: string): Promise<readonly string[]>;
  /** The objects in what the tool printed. */
  read(output: string, home: string): Objects;
  /** The line or two of the tool's complaint that say what is wrong. */
  complaint(said: string): string;
}

// Another reading of the same output must not find what an older version kept.
const reading = 1;
const longest = 400;

/** The objects of a recipe: kept from an earlier run with the same inputs, or from the tool. */
export async function cookWithTool(recipe: Recipe, order: Order, bench: Bench): Promise<Objects> {
  const { tool, inputs } = recipe;
  const { env, run, ground } = bench;
  const key = digestOf([reading, tool, assets[tool].version, inputs]);
  const kept = await keptObjects(key, env);
  if (kept !== undefined) return { value: kept, diagnostics: [] };
  const program = await bench.program(tool);
  return withHome(env, async (home) => {
    const args = await recipe.prepare(home);
    const answer = await runTool({ program, args, home, signal: run.signal });
    if ('said' in answer) {
      const why = withoutMachinePaths(ground, recipe.complaint(answer.said)).trim().slice(0, longest);
      return refused(problem('TRY-RENDER-002', order.at, { tool, why }));
    }
    const read = recipe.read(answer.output, home);
    if (read.value !== undefined && isClean(read.diagnostics)) await keepObjects(key, read.value, env);
    return read;
  });
}
