import { failed, typeName, type Value } from '../value.ts';
import { operatorRows } from './operator.ts';

/** An operator applied by another function. */
export function functionOf(name: string, args: readonly Value[]): Value {
  const types = args.map(typeName).join(',');
  const found = operatorRows.find(
    ([one, { params }]) => one === name && params.map((type) => type.name).join(',') === types,
  );
  return found?.[1].run(args, { ask: () => undefined }) ?? failed('no such overload');
}
