import { statSync } from 'node:fs';
import path from 'node:path';
import { failure } from '../../lib/index.ts';
import type { Bundle } from '../../compile/index.ts';
import { withRevision } from '../../git/index.ts';
import {
  accessDiff,
  accessSentences,
  isSameAccess,
  relationOf,
  subjectTitle,
  type AccessDiff,
  type AccessSentence,
} from '../../guard/index.ts';
import { accessOn, bundlesIn, type Built } from '../../toryo.ts';
import { accessLines, accessMarks, rolesHint } from '../access-text.ts';
import { sharedAnswers, type SharedAnswer } from '../access-question.ts';
import { printedData } from '../printed-data.ts';
import { invalid, openFleet } from '../repository.ts';
import type { Session } from '../session.ts';

export interface DiffOptions {
  readonly cluster?: readonly string[];
  readonly exitCode?: boolean;
}

interface Sides {
  readonly before: string;
  readonly after: string;
  readonly path: string;
}

const differences = 5;

/** `toryo access diff`: what changes between two states of the repository, clusters with the same difference told once. */
export async function diff(sides: Sides, options: DiffOptions, session: Session): Promise<number> {
  const before = await openSide('before', sides, session);
  const after = before === undefined ? undefined : await openSide('after', sides, session);
  if (before === undefined || after === undefined) return invalid;
  const answers = sharedAnswers(pairsOf(before, after, options.cluster ?? [])).filter(
    ({ answer }) => !isSameAccess(answer),
  );
  const data = answers.map(({ clusters, answer }) => ({ clusters, ...namedSubjects(answer) }));
  if (!printedData(data, session)) printPeople(answers, session);
  return answers.length > 0 && options.exitCode === true ? differences : 0;
}

/** The fleet of a revision, of another folder, or of the files as they are; undefined after mistakes, which are told. */
async function openSide(
  which: 'before' | 'after',
  { [which]: name, path: root }: Sides,
  session: Session,
): Promise<Built | undefined> {
  const side = { side: `${which} (${name})` };
  const tellWhere = (built: Built | undefined): Built | undefined => {
    if (built === undefined) session.say(`that is ${name === '.' ? root : name}\n`);
    return built;
  };
  if (name === '.') return tellWhere(await openFleet(root, session, side));
  const isPath = name.startsWith('.') || path.isAbsolute(name);
  const outside = { run: session.run, env: session.env };
  const found = isPath
    ? undefined
    : await withRevision(root, name, outside, async (folder) => ({
        built: await openFleet(folder, session, side),
      }));
  if (found !== undefined) return tellWhere(found.built);
  if (statSync(name, { throwIfNoEntry: false })?.isDirectory() === true)
    return tellWhere(await openFleet(name, session, side));
  const why = `${name} is neither a commit of the repository of ${root} nor a folder`;
  throw failure('TORYO_USAGE', { why });
}

const nothing = relationOf([]);

function pairsOf(
  before: Built,
  after: Built,
  wanted: readonly string[],
): readonly { readonly cluster: string; readonly answer: AccessDiff }[] {
  const [old, fresh] = [byCluster(before), byCluster(after)];
  const names = [...new Set([...fresh.keys(), ...old.keys()])];
  // A name that neither side has is a mistake of the person's.
  if (wanted.some((name) => !names.includes(name))) bundlesIn(after, { clusters: wanted });
  return names
    .filter((name) => wanted.length === 0 || wanted.includes(name))
    .map((cluster) => {
      const [one, other] = [old.get(cluster), fresh.get(cluster)];
      return {
        cluster,
        answer: accessDiff(
          one === undefined ? nothing : accessOn(one),
          other === undefined ? nothing : accessOn(other),
        ),
      };
    });
}

function byCluster(built: Built): ReadonlyMap<string, Bundle> {
  return new Map(built.bundles.map((bundle) => [bundle.cluster, bundle]));
}

function namedSubjects(answer: AccessDiff): object {
  const named = <T extends { readonly subject: Parameters<typeof subjectTitle>[0] }>(list: readonly T[]) =>
    list.map((one) => ({ ...one, subject: subjectTitle(one.subject) }));
  return {
    gained: named(answer.gained),
    lost: named(answer.lost),
    escalations: named(answer.escalations),
    closed: named(answer.closed),
    unknown: named(answer.unknown),
  };
}

function printPeople(answers: readonly SharedAnswer<AccessDiff>[], session: Session): void {
  const isMarkdown = session.format === 'markdown';
  if (answers.length === 0) {
    if (isMarkdown) session.print('Nobody gains or loses a right.\n');
    else session.say('nobody gains or loses a right\n');
    return;
  }
  const isWide = session.format === 'wide';
  const told = answers.map(({ clusters, answer }) => ({ clusters, sentences: accessSentences(answer) }));
  for (const { clusters, sentences } of told) {
    const lines = accessLines(sentences, session.style, { isWide });
    if (isMarkdown) session.print(markdown(clusters, sentences));
    else session.show(`${session.style('bold', clusters.join(', '))}\n${lines.join('')}`);
  }
  const all = told.flatMap(({ sentences }) => sentences);
  if (!isMarkdown) session.say(rolesHint(all, isWide));
}

function markdown(clusters: readonly string[], sentences: readonly AccessSentence[]): string {
  // Names come from files: nothing in them may end the block.
  const lines = sentences.map(({ what, text }) => `${accessMarks[what]} ${text.replaceAll('`', "'")}\n`);
  return `**${clusters.join(', ')}**\n\`\`\`diff\n${lines.join('')}\`\`\`\n\n`;
}
