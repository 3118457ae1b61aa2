import { at, isArray, isObject, listAt, objectAt, stringAt, type JsonObject } from '../../lib/index.ts';
import { groupOf, versionOf, type KubeObject } from '../../objects/index.ts';

/** A custom object with the defaults of its CustomResourceDefinition, as the API server fills them in. */
export function withSchemaDefaults(object: KubeObject, definition: KubeObject | undefined): JsonObject {
  if (definition === undefined || groupOf(object.apiVersion) !== stringAt(definition, 'spec', 'group'))
    return object;
  const version = listAt(definition, 'spec', 'versions').find(
    (one) => at(one, 'name') === versionOf(object.apiVersion),
  );
  const whole = completed(object, at(version, 'schema', 'openAPIV3Schema'));
  return isObject(whole) ? whole : object;
}

/** Null where a default is and null is not allowed counts as missing. */
function completed(value: unknown, schema: unknown): unknown {
  if (isArray(value)) return value.map((item) => completed(item, at(schema, 'items')));
  if (!isObject(value)) return value;
  const properties = objectAt(schema, 'properties');
  const others = at(schema, 'additionalProperties');
  const missing = Object.entries(properties).flatMap(([field, own]) => {
    const isMissing = value[field] === undefined || (value[field] === null && at(own, 'nullable') !== true);
    const hasDefault = at(own, 'default') !== undefined;
    return isMissing && hasDefault ? [[field, at(own, 'default')] as const] : [];
  });
  const filled = Object.entries({ ...value, ...Object.fromEntries(missing) });
  return Object.fromEntries(
    filled.map(([field, one]) => [field, completed(one, properties[field] ?? others)]),
  );
}
