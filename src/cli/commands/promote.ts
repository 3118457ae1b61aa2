import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { failure, yamlText } from '../../lib/index.ts';
import { editedFor, keepersOf, load, overrideText, promotionOf, type Promotion } from '../../spec/index.ts';
import { isConfirmed, needsAnswer } from '../question.ts';
import { invalid, readingFor } from '../repository.ts';
import type { Session } from '../session.ts';
import { textDiff } from '../text-diff.ts';
import { check } from './check.ts';

/** What is promoted, where, and whether it is asked first. */
export interface PromoteOptions {
  /** `App/shop/web`, `Addon/metallb`. */
  readonly owner: string;
  /** Folder of the fleet repository. */
  readonly root: string;
  /** Name of the environment. */
  readonly to: string;
  readonly yes?: boolean;
}

/** What records say about an owner in an environment: a sentence such as `healthy since 2 h, soaked`; undefined: nothing is known. */
export type VerdictOf = (owner: string, environment: string) => Promise<string | undefined>;

const declined = 1;

/** `toryo promote`: copies images and versions from the environment before into the override of one environment. */
export async function promote(
  options: PromoteOptions,
  session: Session,
  verdictOf: VerdictOf = () => Promise.resolve(undefined),
): Promise<number> {
  const { owner, root, to } = options;
  const { value: fleet, diagnostics } = await load(root, session.run, readingFor(session));
  if (fleet === undefined) {
    session.tell(diagnostics);
    return invalid;
  }
  const promotion = promotionOf(fleet, owner, to);
  if (promotion.isCode) return toldInstead(promotion, session);
  needsAnswer(options, 'promote');
  const file = await realpath(path.join(fleet.root, promotion.file));
  const before = await readFile(file, 'utf8');
  const after = await editedFor(fleet, promotion, before);
  const notes = await notesOn({ options, promotion, after }, session);
  if (notes === undefined) return invalid;
  const verdict = (await verdictOf(owner, promotion.from)) ?? 'not known; see `toryo status`';
  show({ promotion, before, after, notes, verdict }, session);
  if (options.yes !== true && !(await isConfirmed(`Write ${promotion.file}?`, session))) {
    session.say('not promoted: nothing was changed\n');
    return declined;
  }
  await replace(file, before, after);
  return checked(options, promotion, session);
}

/** A fleet written in TypeScript is not edited: says what a person has to change. */
function toldInstead(promotion: Promotion, session: Session): number {
  const { owner, file, line, to } = promotion;
  session.say(
    `${owner} is written in code (${file}:${line}), which is not edited. For ${to} its overrides must say:\n`,
  );
  session.print(`${overrideText(promotion)}\n`);
  return invalid;
}

interface Edited {
  readonly options: PromoteOptions;
  readonly promotion: Promotion;
  readonly after: string;
}

/** Reads the fleet as it would be: undefined when it would have mistakes, else what to know about it. */
async function notesOn(
  { options, promotion, after }: Edited,
  session: Session,
): Promise<readonly string[] | undefined> {
  const texts = new Map([[promotion.file, after]]);
  const { value, diagnostics } = await load(options.root, session.run, { ...readingFor(session), texts });
  if (value !== undefined) return keepersOf(value, promotion);
  session.tell(diagnostics);
  session.say(`not promoted: ${promotion.file} would have the mistakes above\n`);
  return undefined;
}

interface Shown {
  readonly promotion: Promotion;
  readonly before: string;
  readonly after: string;
  readonly notes: readonly string[];
  readonly verdict: string;
}

function show({ promotion, before, after, notes, verdict }: Shown, session: Session): void {
  const { owner, file, from, to, fields } = promotion;
  if (session.format === 'json' || session.format === 'yaml') {
    const values = fields.map((field) => ({ field: field.path.join('.'), now: field.now, next: field.next }));
    const data = { owner, from, to, file, fields: values, verdict, notes };
    session.print(session.format === 'json' ? `${JSON.stringify(data, null, 2)}\n` : yamlText(data));
    return;
  }
  session.say(`${owner}: ${from} -> ${to}\n`);
  for (const { path: field, now, next } of fields) {
    const old = now.map((value) => (value === '' ? 'nothing' : value)).join(' and ');
    session.say(`  ${field.join('.')}: ${old} -> ${next}\n`);
  }
  session.say(`in ${from}: ${verdict}\n\n`);
  session.print(`--- ${file}\n+++ ${file}\n${textDiff(before, after)}`);
  session.say('\n');
  for (const note of notes) session.say(`note: ${note}\n`);
}

/** Replaces a file as a whole: whoever reads meanwhile sees the old text or the new one. */
async function replace(file: string, before: string, after: string): Promise<void> {
  if ((await readFile(file, 'utf8')) !== before)
    throw failure('TORYO_USAGE', { why: `${path.basename(file)} was changed meanwhile: promote again` });
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}`);
  try {
    await writeFile(beside, after, { mode: (await stat(file)).mode });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

async function checked(options: PromoteOptions, promotion: Promotion, session: Session): Promise<number> {
  const isData = session.format === 'json' || session.format === 'yaml';
  // One document on stdout: what check says goes to stderr then.
  const code = await check(
    options.root,
    {},
    isData ? { ...session, format: 'table', print: (text) => session.say(text) } : session,
  );
  const lock = promotion.fields.some((field) => field.path.includes('helm')) ? '`toryo lock`, then ' : '';
  if (code === 0 || lock !== '')
    session.say(`written: ${promotion.file}\n  Next: ${lock}commit it, and \`toryo plan ${options.root}\`\n`);
  return code;
}
