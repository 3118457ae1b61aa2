import {
  boolYaml11Tag,
  defineScalarTag,
  dump,
  floatYaml11Tag,
  intYaml11Tag,
  mapTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
  type ScalarTagDefinition,
} from 'js-yaml';
import { resolvePlain, type ScalarValue } from './yaml-scalar.ts';

// What would be read back as something else than text must be quoted: by our own reading, not YAML 1.2's.
function asRead(tag: ScalarTagDefinition, isIts: (value: ScalarValue) => boolean): ScalarTagDefinition {
  return defineScalarTag<unknown>(tag.tagName, {
    implicit: true,
    resolve: (source) => {
      const value = resolvePlain(source);
      return isIts(value) ? value : NOT_RESOLVED;
    },
    identify: (data) => tag.identify(data),
    represent: (data) => tag.represent(data),
  });
}

// As a key it would be read as a merge.
const mergeTag = defineScalarTag<string>('tag:yaml.org,2002:merge', {
  implicit: true,
  resolve: (source) => (source === '<<' ? source : NOT_RESOLVED),
  identify: () => false,
  represent: (data) => String(data),
});

const schema = new Schema([
  strTag,
  seqTag,
  mapTag,
  mergeTag,
  asRead(nullYaml11Tag, (value) => value === null),
  asRead(boolYaml11Tag, (value) => typeof value === 'boolean'),
  asRead(intYaml11Tag, (value) => Number.isInteger(value)),
  asRead(floatYaml11Tag, (value) => typeof value === 'number' && !Number.isInteger(value)),
]);

/** A JSON value as YAML that Kubernetes and Toryo read back as the same value. Ends with a newline. */
export function yamlText(value: unknown): string {
  return dump(value, { schema, lineWidth: -1, noRefs: true, indent: 2, seqNoIndent: true });
}

/** A JSON value as YAML in one line: `{rule: MayRunAs, ranges: [{min: 1, max: 65535}]}`. */
export function flowText(value: unknown): string {
  return dump(value, { schema, lineWidth: -1, noRefs: true, flowLevel: 0 }).trimEnd();
}
