import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lastWords } from './program.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toryo-words-'));
});
afterAll(() => rm(folder, { recursive: true }));

const wordsOf = async (...lines: readonly string[]): Promise<readonly string[]> => {
  await writeFile(join(folder, 'log'), `${lines.join('\n')}\n`);
  return lastWords(join(folder, 'log'), 2);
};

it('the last words of a program are its last lines', async () =>
  expect(await wordsOf('one', 'two', 'three')).toEqual(['two', 'three']));

it('are text where it wrote JSON, with what went wrong', async () =>
  expect(
    await wordsOf('{"level":"warn","msg":"slow"}', '{"level":"panic","msg":"no log","error":"disk full"}'),
  ).toEqual(['slow', 'no log: disk full']));

it('are those before the stacks of its goroutines', async () =>
  expect(
    await wordsOf(
      'ready',
      'panic: no log',
      '',
      'goroutine 1 [running]:',
      'main.main()',
      '\tmain.go:31 +0x28',
    ),
  ).toEqual(['ready', 'panic: no log']));

it('are none without a log', async () => expect(await lastWords(join(folder, 'none'), 2)).toEqual([]));
