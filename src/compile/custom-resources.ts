import { problem, stringAt, type Diagnostic, type JsonObject } from '../lib/index.ts';
import {
  groupOf,
  refOf,
  schemaFor,
  schemaProblems,
  titleOf,
  unservedText,
  type Manifest,
} from '../objects/index.ts';
import type { Cluster } from '../spec/index.ts';

/** What the definitions that a fleet installs would refuse of its custom resources. */
export class CustomResources {
  /** Clusters share manifests and definitions: each pair is looked at once. */
  readonly #known = new WeakMap<JsonObject, WeakMap<Manifest, readonly string[]>>();

  on(cluster: Cluster, manifests: readonly Manifest[]): readonly Diagnostic[] {
    const definitions = new Map(
      manifests
        .filter(({ object }) => object.kind === 'CustomResourceDefinition')
        .map(({ object }) => [
          `${stringAt(object, 'spec', 'group') ?? ''}/${stringAt(object, 'spec', 'names', 'kind') ?? ''}`,
          object,
        ]),
    );
    if (definitions.size === 0) return [];
    return manifests.flatMap((manifest) => {
      const { object, from } = manifest;
      const definition = definitions.get(`${groupOf(object.apiVersion)}/${object.kind}`);
      if (definition === undefined) return [];
      const schema = schemaFor(object, [definition]);
      const found = schema === undefined ? [unservedText(object)] : this.#problems(manifest, schema);
      if (found.length === 0) return [];
      const args = { object: titleOf(refOf(object)), cluster: cluster.name, why: found.join('; ') };
      return [problem('TRY-OBJ-014', from, args)];
    });
  }

  #problems(manifest: Manifest, schema: JsonObject): readonly string[] {
    const known = this.#known.get(schema) ?? new WeakMap<Manifest, readonly string[]>();
    this.#known.set(schema, known);
    const found = known.get(manifest) ?? schemaProblems(manifest.object, schema);
    known.set(manifest, found);
    return found;
  }
}
