import { setTimeout as sleep } from 'node:timers/promises';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { Event } from '../lib/index.ts';
import { progressFor } from './progress.ts';
import { styleFor } from './style.ts';

const event = (more: Partial<Event>): Event => ({
  at: '2026-11-21T22:14:00Z',
  cluster: 'lab',
  subject: 'cluster',
  verb: 'observe',
  state: 'started',
  ...more,
});

it('a terminal of 80 columns shows of each cluster what it waits for and until when, and then what it does', async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const progress = progressFor({
    stream: stream as unknown as NodeJS.WriteStream,
    style: styleFor(process.stderr, {}, false),
    isQuiet: false,
  });
  const shown = async (): Promise<string> => {
    stream.read();
    await sleep(250);
    return String(stream.read());
  };
  progress.show(event({}));
  progress.show(event({ cluster: 'tokyo' }));
  const why = 'until 22:21:10 UTC at the latest; no answer from https://127.0.0.1:6443 for 5 s';
  progress.show(event({ subject: 'API server', verb: 'wait', state: 'waiting', why }));
  const waiting = await shown();
  expect(waiting).toContain('lab   wait API server: until 22:21:10 UTC at the latest; no answer');
  expect(waiting).toContain('tokyo observe cluster');
  progress.show(event({ subject: 'API server', verb: 'wait', state: 'done' }));
  expect(await shown()).not.toContain('no answer');
  progress.end();
});
