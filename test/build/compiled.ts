import { compile, type Bundle } from '../../src/compile/index.ts';
import { loadCatalog } from '../../src/catalog/index.ts';
import { andThen, type Checked } from '../../src/lib/index.ts';
import { render } from '../../src/render/index.ts';
import { quietRun, shown, type FleetBuilder } from '../../src/spec/testing/fleet.ts';

/** Loads, renders and compiles a fleet, as `toryo build` does. */
export async function compiled(fleet: FleetBuilder): Promise<Checked<readonly Bundle[]>> {
  return andThen(await fleet.load(), async (value) =>
    andThen(await render(value, loadCatalog(), quietRun), (rendered) => compile(value, rendered)),
  );
}

/** What the user reads of the errors. */
export async function buildMistakes(fleet: FleetBuilder): Promise<readonly string[]> {
  const { diagnostics } = await compiled(fleet);
  return shown(diagnostics.filter((one) => one.severity === 'error'));
}
