/** A sentence that needs nothing but its code. */
type Nothing = Readonly<Record<string, never>>;

/** Sentences of the user's mistakes, by code. The title names the rule, the message the case, the hint the next step. */
export const diagnosticTexts = {
  'TRY-YAML-001': {
    title: 'Not YAML',
    message: (a: { why: string }) => `not YAML: ${a.why}`,
    hint: 'Correct the file; indentation and quotes are the usual places.',
  },
  'TRY-YAML-002': {
    title: 'Tab in the indentation',
    message: (_: Nothing) => 'a tab in the indentation',
    hint: 'Indent with spaces.',
  },
  'TRY-YAML-003': {
    title: 'Duplicate key',
    message: (a: { key: string }) => `the key "${a.key}" is written twice in one mapping`,
    hint: 'Keep one of the two.',
  },
  'TRY-YAML-004': {
    title: 'Too many aliases',
    message: (a: { limit: number }) => `aliases expand to more than ${a.limit} nodes`,
    hint: 'Write the values out; this is how a small file becomes a huge one.',
  },
  'TRY-YAML-005': {
    title: 'A key that is no text',
    message: (a: { key: string }) => `the key ${a.key} is not a string`,
    hint: 'Quote it.',
  },
  'TRY-YAML-006': {
    title: 'Tag or value that Kubernetes does not read',
    message: (a: { what: string }) => `${a.what} cannot be read as JSON`,
    hint: 'Use plain strings, numbers, booleans, lists and mappings.',
  },
} as const;
