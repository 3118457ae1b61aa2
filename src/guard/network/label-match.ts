import { at, isObject, listAt, stringAt, stringsAt } from '../../lib/index.ts';

/** yes, no, or maybe where what would decide is not known. */
export type Answer3 = 'yes' | 'no' | 'maybe';

/** Labels as far as they are known. */
export interface Labels {
  readonly known: Readonly<Record<string, string>>;
  /** False: it may have others as well. */
  readonly isComplete: boolean;
  /** Keys that somebody gives a value later. */
  readonly later?: ReadonlySet<string>;
}

/** Labels of a pod that nobody has written yet: it may have any. */
export const anyLabels: Labels = { known: {}, isComplete: false };

/** Whether labels are selected; read once from a selector, asked often. */
export type Selector = (labels: Labels) => Answer3;

/** A LabelSelector as apimachinery reads it; maybe where a label that it asks for is not known. */
export function selectorOf(selector: unknown): Selector {
  const requirements = [
    ...Object.entries(stringsAt(selector, 'matchLabels')).map(([key, value]) =>
      requirement(key, (label) => label === value),
    ),
    ...listAt(selector, 'matchExpressions').map(expressionOf),
  ];
  return (labels) => everyOf(requirements, labels);
}

/** The same for labels that must all be there: of a Service, or of an Addon's role. */
export function allOf(matchLabels: Readonly<Record<string, string>>): Selector {
  return selectorOf({ matchLabels });
}

/** All of them: no as soon as one is no. */
function everyOf(selectors: readonly Selector[], labels: Labels): Answer3 {
  let whole: Answer3 = 'yes';
  for (const selector of selectors) {
    const answer = selector(labels);
    if (answer === 'no') return 'no';
    if (answer === 'maybe') whole = 'maybe';
  }
  return whole;
}

function requirement(key: string, test: (label: string | undefined) => boolean): Selector {
  return ({ known, isComplete, later }) => {
    const label = Object.hasOwn(known, key) ? known[key] : undefined;
    if (label === undefined && (!isComplete || later?.has(key) === true)) return 'maybe';
    return test(label) ? 'yes' : 'no';
  };
}

function expressionOf(expression: unknown): Selector {
  const key = stringAt(expression, 'key') ?? '';
  const values = new Set(listAt(expression, 'values'));
  switch (stringAt(expression, 'operator')) {
    case 'In':
      return requirement(key, (label) => label !== undefined && values.has(label));
    case 'NotIn':
      return requirement(key, (label) => label === undefined || !values.has(label));
    case 'Exists':
      return requirement(key, (label) => label !== undefined);
    case 'DoesNotExist':
      return requirement(key, (label) => label === undefined);
    default:
      return () => 'no';
  }
}

/** True when a selector is written there, be it an empty one: null counts as not written. */
export function hasSelector(value: unknown, field: string): boolean {
  return isObject(at(value, field));
}
