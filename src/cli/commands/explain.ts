import { failure, yamlText } from '../../lib/index.ts';
import { explain, kinds, type Explanation } from '../../spec/index.ts';
import type { Session } from '../session.ts';
import { tableText } from '../table.ts';

/** Columns of the table, also where no terminal ends. */
const widest = 120;

/** `toryo explain`: what a kind, a field or a code means. */
export function explainTopic(topic: string, session: Session): Promise<number> {
  // Of a kind, people want the fields that they write: those of its spec.
  const found = explain(topicOf(topic));
  if (found.is === 'unknown') {
    const near = found.suggestions.length === 0 ? '' : `; did you mean ${found.suggestions.join(', ')}?`;
    throw failure('TORYO_USAGE', { why: `there is no ${topic}${near}` });
  }
  if (session.format === 'json') session.print(`${JSON.stringify(found.explanation, null, 2)}\n`);
  else session.show(explanationText(found.explanation, session));
  return Promise.resolve(0);
}

function topicOf(words: string): string {
  const kind = kinds.find((one) => one.toLowerCase() === words.toLowerCase());
  return kind === undefined ? words : `${kind}.spec`;
}

function explanationText(one: Explanation, session: Session): string {
  const { style } = session;
  const lines = [
    `${style('bold', one.title)}${one.type === undefined ? '' : `  ${style('dim', one.type)}`}`,
    one.description,
  ];
  if (one.default !== undefined) lines.push(`${style('dim', 'default')}  ${one.default}`);
  if (one.hint !== undefined) lines.push(`${style('dim', 'next')}     ${one.hint}`);
  const examples = one.examples.map((example) => indented(yamlText(example)));
  const fields = one.fields.map((field) => [
    `  ${field.name}`,
    field.type,
    field.required ? 'required' : field.default === undefined ? '' : `default ${field.default}`,
    field.description,
  ]);
  return `${lines.join('\n')}\n${examples.length === 0 ? '' : `\nExample:\n${examples[0] ?? ''}`}${fields.length === 0 ? '' : `\nFields:\n${tableText([], fields, Math.min(style.columns(), widest))}`}`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
