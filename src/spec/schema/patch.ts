import { z } from 'zod';

/**
 * The schema of a part of something: every field may be left out or be `null` (which removes it), defaults do not fill,
 * and items of lists that have a `name` need nothing but it. Descriptions and examples stay.
 */
export function patchOf(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodExactOptional)
    return described(schema, patchOf(inner(schema)));
  if (schema instanceof z.ZodObject) return described(schema, objectPatch(schema));
  if (schema instanceof z.ZodArray) return described(schema, arrayPatch(schema));
  if (schema instanceof z.ZodRecord) return described(schema, recordPatch(schema));
  return schema;
}

function inner(schema: z.ZodDefault | z.ZodExactOptional): z.ZodType {
  return asClassic(schema.unwrap());
}

// zod's types speak of its core classes; every schema of ours is a classic one.
function asClassic(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new TypeError('not a schema');
}

/** The fields of an object schema. */
export function shapeOf(schema: z.ZodObject): ReadonlyMap<string, z.ZodType> {
  return new Map(Object.entries(schema.shape).map(([key, value]) => [key, asClassic(value)]));
}

function objectPatch(schema: z.ZodObject, required?: string): z.ZodType {
  const isChoice = schema.meta()?.['maxProperties'] === 1;
  if (isChoice) return schema; // a source is replaced as a whole
  const shape: Record<string, z.ZodType> = {};
  for (const [key, value] of shapeOf(schema)) {
    shape[key] = key === required ? value : described(value, z.exactOptional(patchOf(value).nullable()));
  }
  return z.strictObject(shape);
}

function arrayPatch(schema: z.ZodArray): z.ZodType {
  const item = asClassic(schema.element);
  const isNamed = item instanceof z.ZodObject && 'name' in item.shape;
  return isNamed ? z.array(objectPatch(item, 'name')) : schema;
}

function recordPatch(schema: z.ZodRecord): z.ZodType {
  return z.record(z.string(), patchOf(asClassic(schema.valueType)).nullable());
}

/** The examples that a field was given. */
export function examplesOf(schema: z.ZodType): readonly unknown[] {
  const examples = schema.meta()?.['examples'];
  return Array.isArray(examples) ? examples : [];
}

function described(from: z.ZodType, to: z.ZodType): z.ZodType {
  const meta = from.meta();
  if (meta === undefined) return to;
  const { description } = meta;
  return to.meta({ ...(description === undefined ? {} : { description }), examples: [...examplesOf(from)] });
}
