/**
 * cli: words to verbs, and results to text. In: arguments. Out: data on stdout, words on stderr, an exit code. The door is for
 * the pages, golden files and benches that are made from the same tree and texts.
 */
export { commandTree } from './program.ts';
export { renderedFiles } from './commands/build.ts';
export { tableText } from './table.ts';
