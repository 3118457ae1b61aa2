import { afterAll, beforeAll, expect, it } from 'vitest';
import { FaultBench } from './faults.ts';

let faults: FaultBench;

beforeAll(async () => {
  faults = await FaultBench.start([{ name: 'first' }, { name: 'later' }], { behind: true });
});
afterAll(() => faults.stop());

it('a server that takes requests and never answers is named while plan waits, with the end of it; others go on', async () => {
  const proxy = faults.proxy('first');
  proxy.set({ kind: 'silence' });
  const running = faults.bench.launch('plan');
  const waiting =
    /first wait API server: until \d\d:\d\d:\d\d UTC at the latest; no answer from https:\/\/127\.0\.0\.1:\d+ for 5 s\n/g;
  await faults.said(running, new RegExp(waiting.source));
  expect(running.said()).toContain('later observe cluster done');
  proxy.set({ kind: 'none' });
  proxy.breakAll();
  const answer = await faults.expectCode(0, running);
  expect(answer.err.match(waiting)).toHaveLength(1);
  expect(answer.err).toContain('first wait API server done');
});
