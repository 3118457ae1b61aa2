import type { Fleet } from '../../spec/index.ts';
import { resolvedView } from '../../spec/index.ts';
import type { Session } from '../session.ts';
import { tableText } from '../table.ts';

/** `toryo check --resolved`: each value and the line it came from. */
export function printResolved(fleet: Fleet, session: Session): void {
  const rows = resolvedView(fleet).map((row) => [row.subject, row.field, row.value, row.from]);
  session.show(tableText(['SUBJECT', 'FIELD', 'VALUE', 'FROM'], rows, session.style.columns()));
}
