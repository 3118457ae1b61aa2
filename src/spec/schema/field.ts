import { isIP } from 'node:net';
import { z } from 'zod';
import { blocksOf, isDnsLabel, isObject, rangeOf } from '../../lib/index.ts';

/** A field of a document with what it means and an example: the source of hover texts, references and forms. */
export function field<T extends z.ZodType>(
  schema: T,
  description: string,
  ...examples: readonly unknown[]
): T {
  return schema.meta(examples.length === 0 ? { description } : { description, examples: [...examples] });
}

/** When a rule between fields can be asked: also where single fields are wrong, so that all mistakes come at once. */
export function isRecord(payload: { value: unknown }): boolean {
  return isObject(payload.value);
}

/** A name: an RFC 1123 label. */
export const nameText = z
  .string()
  .refine(isDnsLabel, { error: 'dns-label' })
  .meta({ pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$', maxLength: 63 });

/** A length of time: `90s`, `10m`, `1h`, `90d`. */
export const durationText = z.string().regex(/^\d+(s|m|h|d)$/, { error: 'duration' });

/** A length of time above zero. */
export const someTimeText = z.string().regex(/^0*[1-9]\d*(s|m|h|d)$/, { error: 'some-time' });

/** A path of a node: absolute, without `..`. */
export const nodePathText = z.string().regex(/^\/(?!(.*\/)?\.\.(\/|$))/, { error: 'node-path' });

/** The beginning of an image's name: no scheme, not empty. */
export const imagePrefixText = z.string().regex(/^(?!.*:\/\/)[^\s/*][^\s*]*$/, { error: 'image-prefix' });

/** A Kubernetes quantity: `500m`, `4`, `16Gi`. */
export const quantityText = z.union([
  z
    .string()
    .regex(/^[+-]?(\d+(\.\d*)?|\.\d+)(([KMGTPE]i)|[numkMGTPE]|([eE][+-]?\d+))?$/, { error: 'quantity' }),
  z.number(),
]);

/** A share (`25%`) or a count. */
export const shareOrCount = z.union([
  z.string().regex(/^(100|[1-9]?\d)%$/, { error: 'percent' }),
  z.number().int().min(0),
]);

/** Free labels: keys and values are strings. */
export const labelMap = z.record(z.string(), z.string());

/** Labels and built-in keys (environment, name, provider, region); all must match, a list means any of; `all` is every cluster. */
export const selector = z.union([
  z.literal('all'),
  z.record(z.string(), z.union([z.string(), z.array(z.string()).min(1)])),
]);

/** IPv4 or IPv6 with a prefix length. */
export const cidrText = z
  .string()
  .refine(isCidr, { error: 'cidr', abort: true })
  .refine((text) => networkOf(text) === undefined, { error: 'network' })
  .meta({ pattern: '^[0-9a-fA-F:.]+/[0-9]{1,3}$' });

function isCidr(text: string): boolean {
  const [address = '', length = '', ...more] = text.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return more.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= longest;
}

/** The network that an address with a prefix length is in, where it is not that network itself. */
export function networkOf(text: string): string | undefined {
  const range = rangeOf(text);
  if (range === undefined || rangeOf(text.split('/')[0] ?? '')?.first === range.first) return undefined;
  return blocksOf(range)[0];
}

export const port = z.number().int().min(1).max(65_535);

/** A calendar day or an instant; a day begins at 00:00 in the entry's time zone. */
export const dayText = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?$/, { error: 'day' })
  .refine(isInCalendar, { error: 'day' });

/** A calendar day. */
export const calendarDayText = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'day' })
  .refine(isInCalendar, { error: 'day' });

/** Name of a time zone in the IANA database; an offset is none, it knows no summer. */
export const timezoneText = z.string().refine(isTimezone, { error: 'timezone' });

function isTimezone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    Intl.DateTimeFormat('en-US', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

function isInCalendar(text: string): boolean {
  const day = text.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
  return isDay && !Number.isNaN(Date.parse(text));
}

/** From a smallest to a largest: the one is not above the other. */
export function isRange(value: { readonly min: number; readonly max: number }): boolean {
  return value.min <= value.max;
}
