import { z } from 'zod';
import { isObject, type JsonObject } from '../lib/index.ts';
import { documentSchemas, kindDescriptions, kinds, type Kind } from './schema/index.ts';

const made = new Map<Kind, JsonObject>();

/** JSON Schema (draft-07, which YAML editors read) of what a file may hold of one kind: before defaults, templates and overrides. */
export function schemaOf(kind: Kind): JsonObject {
  const known = made.get(kind);
  if (known !== undefined) return known;
  const { $schema: _draft, ...schema } = z.toJSONSchema(documentSchemas[kind], {
    target: 'draft-7',
    io: 'input',
  });
  made.set(kind, schema);
  return schema;
}

const draft = { $schema: 'http://json-schema.org/draft-07/schema#' } as const;

/** Every file of the folder `schema`, by name: one per kind, and toryo.json for files with several documents. */
export function schemaFiles(): ReadonlyMap<string, string> {
  const files = new Map(
    kinds.map((kind) => [`${kind.toLowerCase()}.json`, textOf({ ...draft, ...schemaOf(kind) })] as const),
  );
  return files.set('toryo.json', textOf(everyKind()));
}

// Editors choose the alternative by the constant in `kind`, and then speak of that kind only.
function everyKind(): JsonObject {
  return {
    ...draft,
    title: 'Toryo',
    description: `A document of a fleet repository: ${kinds.map((kind) => `${kind} (${kindDescriptions[kind]})`).join(' ')}`,
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    oneOf: kinds.map((kind) => ({ $ref: `#/definitions/${kind}` })),
    definitions: Object.fromEntries(kinds.map((kind) => [kind, schemaOf(kind)])),
  };
}

function textOf(value: JsonObject): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** One field of a schema: the last step of its path, what it is, and whether it must be there. */
export interface SchemaField {
  readonly name: string;
  readonly schema: JsonObject;
  readonly isRequired: boolean;
}

/** The fields of a mapping, of the items of a list, and of each alternative that has some. */
export function fieldsOf(schema: JsonObject): readonly SchemaField[] {
  const { properties, items, anyOf, required, additionalProperties } = schema;
  if (isObject(properties)) {
    const needed = new Set(Array.isArray(required) ? required : []);
    return Object.entries(properties).flatMap(([name, field]) =>
      isObject(field) ? [{ name, schema: field, isRequired: needed.has(name) }] : [],
    );
  }
  if (Array.isArray(anyOf)) return anyOf.filter(isObject).flatMap(fieldsOf);
  if (isObject(items)) return fieldsOf(items);
  return isObject(additionalProperties) ? fieldsOf(additionalProperties) : [];
}

/** The type of a field in words: `string`, `list of mappings`, `"all" or map of strings`. */
export function typeText(schema: JsonObject): string {
  const words = 'const' in schema ? [schema['const']] : schema['enum'];
  if (Array.isArray(words)) return words.map((word) => JSON.stringify(word)).join(' or ');
  const { anyOf, type } = schema;
  if (Array.isArray(anyOf)) return alternatives(anyOf.filter(isObject).map(typeText));
  if (Array.isArray(type)) return alternatives(type.map(String));
  if (type === 'array') return listText(schema);
  if (type === 'object') return mappingText(schema);
  return typeof type === 'string' ? type : 'anything';
}

// null only removes: it is no type of the field.
function alternatives(types: readonly string[]): string {
  return [...new Set(types)].filter((one) => one !== 'null').join(' or ');
}

function listText({ items }: JsonObject): string {
  return isObject(items) ? `list of ${plural(typeText(items))}` : 'list';
}

function mappingText({ properties, additionalProperties }: JsonObject): string {
  const isFree = !isObject(properties) && isObject(additionalProperties);
  return isFree ? `map of ${plural(typeText(additionalProperties))}` : 'mapping';
}

function plural(type: string): string {
  const each = type.split(' or ').map((one) => {
    if (one === 'anything' || one.startsWith('"')) return one;
    return /^(list|map) of/.test(one) ? one.replace(/^(list|map)/, '$1s') : `${one}s`;
  });
  return each.join(' or ');
}
