import { listAt, stringAt, stringsAt } from '../lib/index.ts';

/** Whether a LabelSelector selects these labels, as apimachinery does it; an empty one selects everything. */
export function selects(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  return (
    hasAll(stringsAt(selector, 'matchLabels'), labels) &&
    listAt(selector, 'matchExpressions').every((expression) => isMet(expression, labels))
  );
}

/** Whether labels have all of these: the selector of a Service, which selects nothing when it is empty. */
export function hasAll(
  wanted: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function isMet(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const label = labels[stringAt(expression, 'key') ?? ''];
  const values = new Set(listAt(expression, 'values'));
  switch (stringAt(expression, 'operator')) {
    case 'In':
      return label !== undefined && values.has(label);
    case 'NotIn':
      return label === undefined || !values.has(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    default:
      return false;
  }
}
