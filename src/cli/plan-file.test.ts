import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { array, assert, asyncProperty, constantFrom, jsonValue, record } from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { hashOf, type PlannedCluster } from '../deliver/index.ts';
import { listed, ours, planned, stored } from '../deliver/testing/scene.ts';
import { planData } from './plan-document.ts';
import { appendApproval, readPlanFile } from './plan-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'toryo-plan-'));
const file = path.join(folder, 'plan.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = '2026-11-20T12:00:00.000Z';

function planOf(fleet: string, clusters: readonly PlannedCluster[]) {
  const waves = [{ wave: 'rest', clusters }];
  const hash = hashOf(fleet, waves);
  const data = planData({ hash, at, waves }) as object;
  return { apiVersion: 'toryo.dev/v1alpha1', kind: 'Plan', fleet, hash, ...data };
}

const plan = planOf('acme', []);
const approval = { statement: { plan: 'x', waves: ['rest'] }, signature: '-----\nabc\n-----\n' };

/** What an approval made of the text, and which part of the old text it replaced. */
async function approved(before: string): Promise<{ after: string; replaced: string }> {
  writeFileSync(file, before);
  await appendApproval(await readPlanFile(file), approval);
  const after = readFileSync(file, 'utf8');
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = before.length;
  while (end > start && before[end - 1] === after[after.length - before.length + end - 1]) end -= 1;
  return { after, replaced: before.slice(start, end) };
}

describe('an approval in a plan’s file', () => {
  it.each([
    ['in one line', JSON.stringify({ ...plan, approvals: [] })],
    ['with tabs and an end of line', `${JSON.stringify({ approvals: [], ...plan }, null, '\t')}\n`],
    [
      'with what JSON.parse would change',
      JSON.stringify(plan).replace('{', '{"2":1.0,"1":12345678901234567890,'),
    ],
    [
      'with brackets and names in texts',
      JSON.stringify({ ...plan, note: '"approvals": [}\\', x: { approvals: [] } }),
    ],
    ['with spaces', JSON.stringify(plan, null, 1).replace(/\}$/, ' , "approvals" : [ ] }\n\n')],
  ])('leaves every other byte %s', async (_how, before) => {
    const { after, replaced } = await approved(before);
    expect(replaced.trim()).toBe('');
    expect((JSON.parse(after) as { approvals: unknown }).approvals).toEqual([approval]);
  });

  it('leaves every other byte, whatever else is in the plan', async () => {
    const anything = record({ extra: jsonValue(), approvals: array(jsonValue()) });
    await assert(
      asyncProperty(anything, constantFrom(undefined, 1, 2, '\t'), async (more, space) => {
        const { after, replaced } = await approved(JSON.stringify({ ...plan, ...more }, null, space));
        expect(replaced.trim()).toBe('');
        const approvals = [...(JSON.parse(JSON.stringify(more.approvals)) as unknown[]), approval];
        expect(JSON.parse(after)).toMatchObject({ ...plan, approvals });
      }),
      { numRuns: 200 },
    );
  });

  it('is added to what others added meanwhile, and not to another plan', async () => {
    writeFileSync(file, JSON.stringify(plan));
    const seen = await readPlanFile(file);
    expect(await appendApproval(await readPlanFile(file), approval)).toBe(1);
    expect(await appendApproval(seen, approval)).toBe(2);
    writeFileSync(file, JSON.stringify(planOf('other', [])));
    await expect(appendApproval(seen, approval)).rejects.toMatchObject({
      code: 'TORYO_APPROVAL',
      message: expect.stringContaining('became another plan meanwhile'),
    });
  });
});

describe('a plan’s file', () => {
  const made = planOf('acme', [
    planned({
      wanted: [ours('a'), ours('b')],
      live: [stored({ ...ours('a'), data: { x: 'y', z: 'old' } }), stored(ours('gone', 'Secret'))],
      predicted: {},
      inventory: listed([ours('a'), ours('gone', 'Secret')]),
    }),
  ]);

  it('has the hash of what it says', async () => {
    writeFileSync(file, JSON.stringify(made, null, 2));
    expect(await readPlanFile(file)).toMatchObject({ hash: made.hash, fleet: 'acme', waves: ['rest'] });
    const text = JSON.stringify(made);
    for (const action of ['create', 'configure', 'delete']) expect(text).toContain(`"action":"${action}"`);
    expect(text).toContain('noWayBack');
  });

  it.each([
    ['another object', '"name":"b"', '"name":"c"'],
    ['no deletion', '"action":"delete"', '"action":"skip"'],
    ['another value', '"path":"data', '"path":"spec'],
    ['another cluster', '"cluster":"lab"', '"cluster":"dev"'],
    ['another wave', '"wave":"rest"', '"wave":"test"'],
    ['another fleet', '"fleet":"acme"', '"fleet":"acne"'],
    ['a way back', '"noWayBack"', '"noWay"'],
  ])('is refused when somebody wrote %s into it', async (_what, before, after) => {
    const text = JSON.stringify(made);
    expect(text).toContain(before);
    writeFileSync(file, text.replaceAll(before, after));
    await expect(readPlanFile(file)).rejects.toMatchObject({
      code: 'TORYO_USAGE',
      message: expect.stringContaining('was changed after it was made'),
    });
  });
});

describe('a file is refused', () => {
  const make = 'make one with `toryo plan --out plan.json`';
  it.each([
    ['without JSON', 'hello', `is no plan of Toryo: ${make}`],
    ['of something else', '{"format_version":"1.2","planned_values":{}}', `is no plan of Toryo: ${make}`],
    [
      'of another version',
      JSON.stringify({ ...plan, apiVersion: 'toryo.dev/v2' }),
      'another version of Toryo',
    ],
    ['without a hash', JSON.stringify({ ...plan, hash: 'x' }), `is a damaged plan: ${make}`],
    ['with two hashes', JSON.stringify(plan).replace('{', `{"hash":"${plan.hash}",`), 'is a damaged plan'],
    ['without a wave', JSON.stringify({ ...plan, waves: [] }), 'is a damaged plan'],
    ['with approvals that are no list', JSON.stringify({ ...plan, approvals: 'all' }), 'is a damaged plan'],
  ])('%s', async (_what, content, message) => {
    writeFileSync(file, content);
    const ask = readPlanFile(file);
    await expect(ask).rejects.toMatchObject({
      code: 'TORYO_USAGE',
      message: expect.stringContaining(message),
    });
  });
});
