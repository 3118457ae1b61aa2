import { listAt, nearest, objectAt, stringAt, type JsonObject, type PathStep } from '../../lib/index.ts';
import { quantityOf, quantityText, type KubeObject, type Quantity } from '../../objects/index.ts';
import { isExtended, isWholeNumber, nameMistakes, resourceNames, type Use } from './resource-names.ts';

/** A field of a ResourceQuota or LimitRange that no API server takes. */
export interface BoundsMistake {
  readonly path: readonly PathStep[];
  /** Whether its name or its value is refused. */
  readonly part: 'key' | 'value';
  /** The API server's, without examples. */
  readonly words: string;
  /** A name that may be meant; empty where none is near. */
  readonly suggestion: string;
}

/** Everything that an API server refuses in a ResourceQuota or a LimitRange; nothing of other kinds. */
export function boundsMistakes(object: KubeObject): readonly BoundsMistake[] {
  if (object.apiVersion !== 'v1') return [];
  if (object.kind === 'ResourceQuota') return quotaMistakes(objectAt(object, 'spec', 'hard'));
  if (object.kind !== 'LimitRange') return [];
  return listAt(object, 'spec', 'limits').flatMap((item, index) =>
    limitMistakes(item).map((one) => ({ ...one, path: ['spec', 'limits', index, ...one.path] })),
  );
}

function quotaMistakes(hard: JsonObject): readonly BoundsMistake[] {
  return Object.entries(hard).flatMap(([resource, value]) => {
    const path = ['spec', 'hard', resource];
    const quantity = quantityOf(value);
    return [
      ...named(resource, 'quota', path),
      ...(quantity === undefined ? [] : amountWords(resource, quantity)).map((words) => wrong(path, words)),
    ];
  });
}

function amountWords(resource: string, { nanos }: Quantity): readonly string[] {
  if (nanos < 0n) return ['must be greater than or equal to 0'];
  return isWholeNumber(resource) && nanos % 1_000_000_000n !== 0n ? ['must be an integer'] : [];
}

function wrong(path: readonly PathStep[], words: string): BoundsMistake {
  return { path, part: 'value', words, suggestion: '' };
}

function named(resource: string, use: Use, path: readonly PathStep[]): readonly BoundsMistake[] {
  const words = nameMistakes(resource, use);
  if (words.length === 0) return [];
  const suggestion = nearest(resource, resourceNames(use)) ?? '';
  return [{ path, part: 'key', words: words.join(', '), suggestion }];
}

const fields = ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

type Field = (typeof fields)[number];

const uses: Readonly<Record<string, Use>> = { Container: 'container', Pod: 'container' };

function limitMistakes(item: unknown): readonly BoundsMistake[] {
  const type = stringAt(item, 'type') ?? '';
  const said = fields.filter((field) => Object.keys(objectAt(item, field)).length > 0);
  const isForbidden = (field: Field): boolean => type === 'Pod' && field.startsWith('default');
  const held = Object.fromEntries(
    said.filter((field) => !isForbidden(field)).map((field) => [field, objectAt(item, field)]),
  );
  const names = Object.entries(held).flatMap(([field, amounts]) =>
    Object.keys(amounts).flatMap((resource) => named(resource, uses[type] ?? 'claim', [field, resource])),
  );
  const resources = new Set(Object.values(held).flatMap((amounts) => Object.keys(amounts)));
  return [
    ...said.filter(isForbidden).map((field) => ofField([field], "may not be specified when `type` is 'Pod'")),
    ...(type === 'PersistentVolumeClaim' ? boundless(held) : []),
    ...names,
    ...[...resources].flatMap((resource) => contradictions({ ...held, type }, resource)),
  ];
}

function ofField(path: readonly PathStep[], words: string): BoundsMistake {
  return { path, part: 'key', words, suggestion: '' };
}

function boundless({ min, max }: Readonly<Record<string, JsonObject>>): readonly BoundsMistake[] {
  if ('storage' in { ...min, ...max }) return [];
  return [ofField([], 'either minimum or maximum storage value is required, but neither was provided')];
}

const noted = { min: 'min', max: 'max', default: 'default', defaultRequest: 'default request' } as const;

/** Fields of which the first may not be more than the second, and at which of both the API server tells it. */
const orders = [
  ['min', 'max', 'min'],
  ['min', 'defaultRequest', 'defaultRequest'],
  ['defaultRequest', 'max', 'defaultRequest'],
  ['defaultRequest', 'default', 'defaultRequest'],
  ['min', 'default', 'default'],
  ['default', 'max', 'default'],
] as const;

function contradictions(item: unknown, resource: string): readonly BoundsMistake[] {
  const amount = (field: Field): Quantity | undefined => quantityOf(objectAt(item, field)[resource]);
  const unordered = orders.flatMap(([less, more, at]) => {
    const [left, right] = [amount(less), amount(more)];
    if (left === undefined || right === undefined || left.nanos <= right.nanos) return [];
    const limit = less === 'defaultRequest' && more === 'default' ? 'default limit' : noted[more];
    const words = `${noted[less]} value ${quantityText(left)} is greater than ${limit} value ${quantityText(right)}`;
    return [wrong([at, resource], words)];
  });
  const ratio = amount('maxLimitRequestRatio');
  const ratios = ratio === undefined ? [] : ratioWords(ratio, amount('min'), amount('max'));
  return [
    ...unordered,
    ...ratios.map((words) => wrong(['maxLimitRequestRatio', resource], words)),
    ...unequal(item, resource),
  ];
}

function ratioWords(
  ratio: Quantity,
  min: Quantity | undefined,
  max: Quantity | undefined,
): readonly string[] {
  const text = `ratio ${quantityText(ratio)}`;
  if (ratio.nanos < 1_000_000_000n) return [`${text} is less than 1`];
  if (min === undefined || max === undefined) return [];
  const most = Number(max.nanos) / Number(min.nanos);
  return Math.ceil(Number(ratio.nanos) / 1e9) > most
    ? [`${text} is greater than max/min = ${most.toFixed(6)}`]
    : [];
}

// Of what cannot be shared, a request is the limit; the default of a limit is its maximum.
function unequal(item: unknown, resource: string): readonly BoundsMistake[] {
  if (!isExtended(resource) && !resource.startsWith('hugepages-')) return [];
  const most = stringAt(item, 'type') === 'Container' ? objectAt(item, 'max')[resource] : undefined;
  const limit = quantityOf(objectAt(item, 'default')[resource] ?? most);
  const request = quantityOf(objectAt(item, 'defaultRequest')[resource]);
  if (limit === undefined || request === undefined || limit.nanos === request.nanos) return [];
  const words = `default value ${quantityText(limit)} must equal to defaultRequest value ${quantityText(request)} in ${resource}`;
  return [wrong(['defaultRequest', resource], words)];
}
