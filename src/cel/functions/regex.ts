import { regexCost } from '../cost.ts';
import { regexOf } from '../regex.ts';
import { CelError, failed, type Value } from '../value.ts';
import { intOf, member, plain, textOf, type Row } from './row.ts';

function matches([text, pattern]: readonly Value[]): Value {
  const regex = regexOf(textOf(pattern));
  return regex instanceof CelError ? regex : regex.matcher(textOf(text)).find();
}

function found(text: string, pattern: string, most: number): readonly string[] | CelError {
  const regex = regexOf(pattern);
  if (regex instanceof CelError) return failed(`Illegal regex: ${regex.message}`);
  const matcher = regex.matcher(text);
  const all: string[] = [];
  const isMore = (): boolean => most < 0 || all.length < most;
  while (isMore() && matcher.find()) all.push(matcher.group() ?? '');
  return all;
}

function findAll([text, pattern, limit]: readonly Value[]): Value {
  return found(textOf(text), textOf(pattern), limit === undefined ? -1 : Number(intOf(limit)));
}

const cost = ([text = null, pattern = null]: readonly Value[]): number => regexCost(text, pattern);

export const regexRows: readonly Row[] = [
  plain('matches', 'string, string -> bool', matches, { cost }),
  member('matches', 'string, string -> bool', matches, { cost }),
  member(
    'find',
    'string, string -> string',
    ([text, pattern]) => {
      const all = found(textOf(text), textOf(pattern), 1);
      return all instanceof CelError ? all : (all[0] ?? '');
    },
    { cost },
  ),
  member('findAll', 'string, string -> list<string>', findAll, { cost }),
  member('findAll', 'string, string, int -> list<string>', findAll, { cost }),
];
