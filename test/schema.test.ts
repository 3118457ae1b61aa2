import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { documentSchemas, kinds } from '../src/spec/index.ts';

/** Every field of a schema, with the path that leads to it. */
function everyField(schema: unknown, path: string): readonly (readonly [string, z.ZodType])[] {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodNullable
  )
    return everyField(schema.unwrap(), path);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((one) => everyField(one, path));
  if (schema instanceof z.ZodArray) return everyField(schema.element, `${path}[]`);
  if (schema instanceof z.ZodRecord) return everyField(schema.valueType, `${path}.*`);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const here = `${path}.${name}`;
    return [...(field instanceof z.ZodType ? [[here, field] as const] : []), ...everyField(field, here)];
  });
}

describe.each(kinds)('every field of %s', (kind) => {
  const fields = everyField(documentSchemas[kind], kind);

  it('has a description that is a sentence, and an example', () => {
    const wrong = fields.filter(([, field]) => {
      const { description, examples } = field.meta() ?? {};
      return (
        !/^[A-Za-z`].*[.)]$/.test(description ?? '') || !Array.isArray(examples) || examples.length === 0
      );
    });
    expect(wrong.map(([path]) => path)).toEqual([]);
  });

  it('takes its own examples', () => {
    const wrong = fields.flatMap(([path, field]) => {
      const examples: unknown[] = [field.meta()?.['examples'] ?? []].flat();
      return examples
        .filter((example) => !field.safeParse(example).success)
        .map((example) => ({ path, example }));
    });
    expect(wrong).toEqual([]);
  });
});

describe('npm run generate', () => {
  it('has been run: schema and reference pages are what the code makes', () => {
    const script = fileURLToPath(new URL('../scripts/generate.ts', import.meta.url));
    const ran = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(0);
  });
});
