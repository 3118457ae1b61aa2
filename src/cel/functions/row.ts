import type { Overload } from '../declaration.ts';
import { partsOf, typeIn } from '../type.ts';
import { isBytes, isList, numberOf, Optional, type List, type Value } from '../value.ts';

/** One form of a function, with its name. */
export type Row = readonly [name: string, overload: Overload];

type More = Partial<Pick<Overload, 'id' | 'cost' | 'since' | 'until'>>;

/** A function of its own, by a signature like `string, int -> bool`. */
export function plain(name: string, signature: string, run: Overload['run'], more: More = {}): Row {
  return [name, { ...signed(signature), id: '', isMember: false, run, since: 0, ...more }];
}

/** A function that is called on its first parameter. */
export function member(name: string, signature: string, run: Overload['run'], more: More = {}): Row {
  return [name, { ...signed(signature), id: '', isMember: true, run, since: 0, ...more }];
}

function signed(signature: string): Pick<Overload, 'params' | 'result'> {
  const [params = '', result = ''] = signature.split('->');
  return { params: partsOf(params).map(typeIn), result: typeIn(result) };
}

/** The text that an argument is; a signature already said that it is one. */
export function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The whole number that an argument is. */
export function intOf(value: Value | undefined): bigint {
  const number = numberOf(value ?? null);
  return typeof number === 'bigint' ? number : 0n;
}

/** The double that an argument is. */
export function doubleOf(value: Value | undefined): number {
  return Number(numberOf(value ?? null) ?? Number.NaN);
}

/** The list that an argument is. */
export function itemsOf(value: Value | undefined): List {
  return isList(value) ? value : [];
}

/** The bytes that an argument is. */
export function bytesOf(value: Value | undefined): Uint8Array {
  return value !== undefined && isBytes(value) ? value : new Uint8Array();
}

/** `optional.of` a value, none for undefined. */
export function optionally(value: Value | undefined): Optional {
  return new Optional(value);
}
