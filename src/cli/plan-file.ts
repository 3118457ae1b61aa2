import { readFile } from 'node:fs/promises';
import {
  apiVersion,
  at,
  failure,
  isArray,
  isDnsLabel,
  isEqual,
  isObject,
  isString,
  listAt,
  numberAt,
  parseJson,
  reasonOf,
  stringAt,
  stringsAt,
  type JsonObject,
  type ToryoError,
} from '../lib/index.ts';
import {
  approvalFrom,
  hashOf,
  type AgreedPlan,
  type Approval,
  type Asking,
  type HashedCluster,
} from '../deliver/index.ts';
import type { Scope } from '../toryo.ts';
import { replaceFile } from './whole-file.ts';

/** A plan as `toryo plan --out` wrote it: what is read of it, and its text, whose other fields stay as they are. */
export interface PlanFile {
  /** As the person named it. */
  readonly file: string;
  readonly text: string;
  readonly value: JsonObject;
  /** `sha256:…` */
  readonly hash: string;
  readonly fleet: string;
  readonly waves: readonly string[];
  readonly isReadOnly: boolean;
  /** What the hash covers. */
  readonly agreed: AgreedPlan;
  readonly scope: Scope;
  /** Folder of the repository, from the file's. */
  readonly root: string;
  readonly approvals: readonly Approval[];
}

const make = 'make one with `toryo plan --out plan.json`';

function noPlan(file: string, why: string): ToryoError {
  return failure('TORYO_USAGE', { why: `${file} ${why}` });
}

/** Reads a plan's file. Throws TORYO_USAGE, with what to do, when it is none. */
export async function readPlanFile(file: string): Promise<PlanFile> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const isMissing = at(error, 'code') === 'ENOENT';
    throw noPlan(file, isMissing ? `is not there: ${make}` : `cannot be read (${reasonOf(error)})`);
  });
  const value = parseJson(text);
  if (!isObject(value) || value['kind'] !== 'Plan') throw noPlan(file, `is no plan of Toryo: ${make}`);
  if (value['apiVersion'] !== apiVersion) {
    const why = `is of another version of Toryo (apiVersion ${String(value['apiVersion'])}, not ${apiVersion}): ${make}`;
    throw noPlan(file, why);
  }
  const plan = planFrom(file, text, value);
  if (!isWhole(plan)) throw noPlan(file, `is a damaged plan: ${make}`);
  // What is shown of the file must be what its hash stands for.
  if (hashOf(plan.fleet, plan.agreed.waves, plan.isReadOnly) !== plan.hash)
    throw noPlan(file, `was changed after it was made: ${make}`);
  return plan;
}

function isWhole({ text, value, hash, fleet, waves }: PlanFile): boolean {
  const keys = membersOf(text).map((member) => member.key);
  return (
    /^sha256:[0-9a-f]{64}$/.test(hash) &&
    waves.length > 0 &&
    [fleet, ...waves].every(isDnsLabel) &&
    // Readers disagree on which of two fields of one name counts.
    new Set(keys).size === keys.length &&
    (value['approvals'] === undefined || isArray(value['approvals']))
  );
}

function planFrom(file: string, text: string, value: JsonObject): PlanFile {
  const hash = stringAt(value, 'hash') ?? '';
  const waves = listAt(value, 'waves').map((wave) => ({
    wave: stringAt(wave, 'wave') ?? '',
    clusters: listAt(wave, 'clusters').map(clusterFrom),
  }));
  const namesAt = (field: string): readonly string[] => listAt(value, 'scope', field).filter(isString);
  return {
    file,
    text,
    value,
    hash,
    fleet: stringAt(value, 'fleet') ?? '',
    waves: waves.map((wave) => wave.wave),
    isReadOnly: value['isReadOnly'] === true,
    agreed: { hash, waves },
    scope: {
      clusters: namesAt('clusters'),
      permissions: {
        deletions: new Set(namesAt('allowDelete')),
        prunes: new Set(namesAt('allowPrune')),
        adoptions: new Set(namesAt('adopt')),
      },
    },
    root: stringAt(value, 'repository', 'root') ?? '.',
    approvals: listAt(value, 'approvals').flatMap((one) => approvalFrom(one) ?? []),
  };
}

/** Who must agree to the changes of a plan's waves, as the clusters said when it was made. Only `apply` decides: the hash does not cover it. */
export function approversOf({ value }: PlanFile): readonly Asking[] {
  return listAt(value, 'waves').flatMap((wave) =>
    listAt(wave, 'clusters').flatMap((cluster) =>
      listAt(cluster, 'approvers').map((one) => ({
        wave: stringAt(wave, 'wave') ?? '',
        approvers: {
          environment: stringAt(one, 'environment') ?? '',
          keys: listAt(one, 'keys').filter(isString),
          atLeast: numberAt(one, 'atLeast') ?? 1,
        },
        authors: listAt(cluster, 'authors', 'value').map(authorFrom),
      })),
    ),
  );
}

function authorFrom(value: unknown): Asking['authors'][number] {
  const signer = stringAt(value, 'signer');
  return {
    name: stringAt(value, 'name') ?? '',
    email: stringAt(value, 'email') ?? '',
    ...(signer !== undefined && { signer }),
  };
}

/** Refuses a plan of these waves that no approval can count for: who wrote it is not known. */
export function refuseUnauthored({ file, value }: PlanFile, waves: readonly string[]): void {
  const [why] = listAt(value, 'waves')
    .filter((wave) => waves.includes(stringAt(wave, 'wave') ?? ''))
    .flatMap((wave) => listAt(wave, 'clusters'))
    .flatMap((cluster) => stringAt(cluster, 'authors', 'why') ?? []);
  if (why === undefined) return;
  throw failure('TORYO_APPROVAL', {
    why: `no approval of ${file} can count: who wrote the change was unknown when it was planned: ${why}. Then plan again`,
  });
}

/** Refuses a plan that was made by reading alone: nobody can agree to what was not checked. */
export function refuseReadOnly(plan: PlanFile): void {
  if (plan.isReadOnly)
    throw failure('TORYO_APPROVAL', {
      why: `${plan.file} was made with --read-only and proves too little: make one without it, with rights to change the clusters`,
    });
}

function clusterFrom(value: unknown): HashedCluster {
  const textOf = (field: string): string => stringAt(value, field) ?? '';
  return {
    cluster: textOf('cluster'),
    digest: textOf('digest'),
    state: textOf('state'),
    infrastructure: listAt(value, 'infrastructure').filter(isString),
    noWayBack: stringsAt(value, 'noWayBack'),
    changes: listAt(value, 'changes').map((change) => {
      const [group = '', kind = '', name = ''] = ['group', 'kind', 'name'].map((field) =>
        stringAt(change, 'subject', field),
      );
      const namespace = stringAt(change, 'subject', 'namespace');
      return {
        subject: { group, kind, name, ...(namespace !== undefined && { namespace }) },
        action: stringAt(change, 'action') ?? '',
        fields: listAt(change, 'fields').map((field) => ({
          path: stringAt(field, 'path') ?? '',
          after: at(field, 'after'),
        })),
        takes: listAt(change, 'takes').map((claim) => ({
          path: stringAt(claim, 'path') ?? '',
          manager: stringAt(claim, 'manager') ?? '',
        })),
      };
    }),
  };
}

/**
 * Adds an approval to a plan's file and leaves every other byte as it is. A file beside it takes its place when it is whole:
 * whatever goes wrong, the old one is still there. Gives how many approvals it has now.
 */
export async function appendApproval(plan: PlanFile, approval: unknown): Promise<number> {
  // Somebody else may have approved while this person was asked.
  const now = await readPlanFile(plan.file);
  if (now.hash !== plan.hash)
    throw failure('TORYO_APPROVAL', { why: `${plan.file} became another plan meanwhile: look at it again` });
  const text = withApproval(now.text, approval);
  const approvals = [...listAt(now.value, 'approvals'), approval];
  if (!isEqual(parseJson(text), { ...now.value, approvals }))
    throw failure('TORYO_INTERNAL', { why: `an approval cannot be added to ${plan.file}` });
  try {
    await replaceFile(plan.file, text);
  } catch (error) {
    const why = `${plan.file} could not be written and is as it was (${reasonOf(error)})`;
    throw failure('TORYO_APPROVAL', { why }, { cause: error });
  }
  return approvals.length;
}

interface Token {
  readonly text: string;
  readonly end: number;
  /** How many lists and objects are open behind it. */
  readonly depth: number;
}

const steps: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };

function tokensOf(text: string): readonly Token[] {
  let depth = 0;
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g)].map((found) => {
    depth += steps[found[0]] ?? 0;
    return { text: found[0], end: found.index + found[0].length, depth };
  });
}

interface Member {
  readonly key: unknown;
  /** Where its value ends in the text. */
  readonly end: number;
  readonly isEmptyList: boolean;
}

/** The members of the outermost object of a JSON text, in the order of the text. */
function membersOf(text: string): readonly Member[] {
  const tokens = tokensOf(text);
  return tokens.flatMap((token, colon) => {
    if (token.text !== ':' || token.depth !== 1) return [];
    const after = tokens.findIndex(
      (one, index) => index > colon && (one.depth === 0 || (one.depth === 1 && one.text === ',')),
    );
    const last = tokens[after - 1];
    const key = parseJson(tokens[colon - 1]?.text ?? '');
    return [{ key, end: last?.end ?? 0, isEmptyList: after - colon === 3 && last?.text === ']' }];
  });
}

/** The text with one more approval, written in the way of the rest: on lines of its own, or in one line. */
function withApproval(text: string, approval: unknown): string {
  const members = membersOf(text);
  const present = members.find((member) => member.key === 'approvals');
  const indent = /\n([ \t]+)"/.exec(text)?.[1];
  const item =
    indent === undefined
      ? JSON.stringify(approval)
      : JSON.stringify(approval, null, indent).replaceAll('\n', `\n${indent}${indent}`);
  const [before, after] = indent === undefined ? ['', ''] : [`\n${indent}${indent}`, `\n${indent}`];
  if (present === undefined) {
    const end = members.at(-1)?.end ?? 0;
    const colon = indent === undefined ? '"approvals":' : '"approvals": ';
    return `${text.slice(0, end)},${after}${colon}[${before}${item}${after}]${text.slice(end)}`;
  }
  const close = present.end - 1;
  const inside = text.slice(0, close).trimEnd();
  return `${inside}${present.isEmptyList ? '' : ','}${before}${item}${after}${text.slice(close)}`;
}
