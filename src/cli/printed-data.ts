import { yamlText } from '../lib/index.ts';
import type { Session } from './session.ts';

/** Prints data as -o json, yaml or jsonl wants it; false where people are to read it. */
export function printedData(data: readonly object[], session: Session): boolean {
  switch (session.format) {
    case 'json':
      session.print(`${JSON.stringify(data, null, 2)}\n`);
      return true;
    case 'jsonl':
      session.print(data.map((one) => `${JSON.stringify(one)}\n`).join(''));
      return true;
    case 'yaml':
      session.print(yamlText(JSON.parse(JSON.stringify(data))));
      return true;
    default:
      return false;
  }
}
