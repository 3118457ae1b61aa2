import { environment, newestMinor } from '../environment.ts';
import { compile, evaluate } from '../program.ts';
import type { AccessAnswer } from '../declaration.ts';
import { Question } from '../functions/authorizer.ts';
import { simple } from '../type.ts';
import { instantText, spanText } from '../functions/instant.ts';
import {
  CelError,
  CelMap,
  CelObject,
  Duration,
  Timestamp,
  fromJson,
  isBytes,
  isList,
  numberOf,
  Optional,
  typeName,
  valueText,
  type Value,
} from '../value.ts';

/** A value as the rows write it. */
export interface RowValue {
  readonly type: string;
  readonly value: unknown;
}

/** What came of a row's expression. */
export interface Ran {
  readonly compileError?: string;
  readonly error?: string;
  readonly value?: RowValue;
  readonly cost?: number;
}

const shortTypes: Readonly<Record<string, string>> = {
  'google.protobuf.Duration': 'duration',
  'google.protobuf.Timestamp': 'timestamp',
  optional_type: 'optional',
};

/** A value of ours as the rows write it. */
function rowValue(value: Value): RowValue {
  return { type: shortTypes[typeName(value)] ?? typeName(value), value: plainValue(value) };
}

function plainValue(value: Value): unknown {
  if (value instanceof Optional) return value.value === undefined ? null : rowValue(value.value);
  if (isList(value)) return value.map(rowValue);
  if (value instanceof CelMap) return value.entries().map(([key, item]) => [rowValue(key), rowValue(item)]);
  if (isBytes(value)) return btoa(String.fromCodePoint(...value));
  return numberOf(value) === undefined ? textOf(value) : Number(numberOf(value));
}

function textOf(value: Value): unknown {
  if (value instanceof Duration) return spanText(value.nanos);
  if (value instanceof Timestamp) return instantText(value.nanos);
  return value instanceof CelObject ? valueText(value) : value;
}

/** Runs an expression with everything that the newest version has, and an authorizer that allows everything. */
export function run(
  source: string,
  options: { readonly isFolded?: boolean; readonly self?: unknown } = {},
): Ran {
  const authorizer = { authorizer: simple('kubernetes.authorization.Authorizer') };
  const self = options.self === undefined ? {} : { self: simple('dyn') };
  const { program, error } = compile(
    source,
    { ...environment(newestMinor, { ...authorizer, ...self }), isMixed: options.isFolded === false },
    {
      isFolded: options.isFolded ?? true,
    },
  );
  if (program === undefined) return { compileError: error };
  const { value, cost } = evaluate(program, {
    variable: (name) =>
      name === 'authorizer'
        ? new Question('Authorizer', {})
        : name === 'self'
          ? fromJson(options.self)
          : undefined,
    ask: (): AccessAnswer => ({ isAllowed: true }),
    limit: 10_000_000,
  });
  return value instanceof CelError ? { error: value.message, cost } : { value: rowValue(value), cost };
}
