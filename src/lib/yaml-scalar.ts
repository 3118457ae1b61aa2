/** A plain scalar as Kubernetes reads it (YAML 1.1 as in sigs.k8s.io/yaml, not YAML 1.2): `0644` is 420, `yes` is true. */
export type ScalarValue = string | number | boolean | null;

const words: ReadonlyMap<string, boolean | null> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word) => [word, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word) => [word, false] as const,
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
]);

const notFinite = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;
const integer = /^[-+]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/;
const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

const dotted = /^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/;

/** The value of an unquoted scalar. NaN and infinities come back as NaN: JSON has no word for them. */
export function resolvePlain(source: string): ScalarValue {
  const first = source.charCodeAt(0);
  const isNumeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46;
  if (isNumeric) return resolveNumber(source);
  const word = words.get(source);
  return word === undefined ? source : word;
}

function resolveNumber(source: string): ScalarValue {
  if (notFinite.test(source)) return Number.NaN;
  // After a leading dot underscores may stand between digits only; elsewhere they may stand anywhere.
  if (source.startsWith('.') && !dotted.test(source)) return source;
  const plain = source.replaceAll('_', '');
  if (integer.test(plain)) return integerOf(plain);
  const value = float.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : source; // 1e999 is text: no float can hold it
}

function integerOf(plain: string): number {
  const isNegative = plain.startsWith('-');
  const digits = plain.replace(/^[-+]/, '');
  const isOldOctal = /^0[0-7]+$/.test(digits);
  const value = isOldOctal ? Number.parseInt(digits, 8) : Number(digits);
  return isNegative ? 0 - value : value;
}
