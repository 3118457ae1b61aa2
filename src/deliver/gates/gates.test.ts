import { createServer, type RequestListener, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../kube/index.ts';
import type { Run } from '../../lib/index.ts';
import type { Gate, GateQuestion } from '../../spec/index.ts';
import { askGate, waitForGate } from '../index.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
}

const runWith = (signal = new AbortController().signal): Run => ({
  signal,
  now: () => '2026-11-21T00:00:00Z',
  emit: () => undefined,
});
// These gates ask no cluster.
const client = { cluster: 'lab' } as KubeClient;
const gate = (question: GateQuestion, timeout = 5000): Gate => ({
  name: 'errors',
  ask: 'once',
  every: 1000,
  timeout,
  question,
});
const ask = (question: GateQuestion, env = {}, timeout?: number) =>
  askGate({ gate: gate(question, timeout), fleet: 'acme', revision: '1' }, { client, env }, runWith());
const page = (url: string, more: Partial<Extract<GateQuestion, { kind: 'http' }>> = {}): GateQuestion => ({
  kind: 'http',
  url,
  status: 200,
  contains: undefined,
  bearer: undefined,
  ...more,
});
const metrics = (url: string, is = '< 0.01', bearer?: string): GateQuestion => ({
  kind: 'prometheus',
  url,
  query: 'errors{c="lab"} / 2',
  is,
  bearer,
});
const answerWith =
  (text: string, status = 200, headers = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(text);

describe('a gate that asks an address', () => {
  it('passes with the wanted status and text', async () => {
    const url = await serve(answerWith('all is ok'));
    expect(await ask(page(url))).toEqual({ outcome: 'pass', why: 'it answers 200' });
    expect(await ask(page(url, { contains: 'ok' }))).toEqual({
      outcome: 'pass',
      why: 'it answers 200 with "ok"',
    });
  });

  it('fails with another status or text', async () => {
    const url = await serve(answerWith('down', 503));
    expect(await ask(page(url))).toEqual({ outcome: 'fail', why: 'it answers 503 and not 200' });
    expect(await ask(page(url, { status: 503, contains: 'ok' }))).toEqual({
      outcome: 'fail',
      why: 'it answers 503 without "ok"',
    });
  });

  it('does not wait longer than its limit', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200).write('o');
    });
    expect(await ask(page(url, { contains: 'ok' }), {}, 300)).toEqual({
      outcome: 'unknown',
      why: `${new URL(url).host} did not answer within 0.3 s`,
    });
  });

  it('reads no more than it looks at', async () => {
    const url = await serve((_request, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      response.writeHead(200);
      more();
    });
    expect(await ask(page(url, { contains: 'ok' }))).toEqual({
      outcome: 'unknown',
      why: 'its answer is too large to look for "ok" in all of it',
    });
  });

  it('is unknown when nobody answers', async () => {
    const url = await serve(() => undefined);
    servers.splice(0).forEach((server) => server.close());
    const answer = await ask(page(url));
    expect(answer.outcome).toBe('unknown');
    expect(answer.why).toContain('ECONNREFUSED');
  });

  it('follows redirects on its host only', async () => {
    const url = await serve((request, response) => {
      const to = { '/a': '/b', '/b': '/c', '/away': 'http://127.0.0.1:1/c', '/loop': '/loop' }[
        request.url ?? ''
      ];
      if (to === undefined) response.end(request.headers.authorization ?? 'nobody');
      else response.writeHead(302, { location: to }).end();
    });
    const token = { TOKEN: 'secret\n' };
    expect((await ask(page(`${url}/a`, { contains: 'Bearer secret', bearer: 'TOKEN' }), token)).outcome).toBe(
      'pass',
    );
    expect(await ask(page(`${url}/away`))).toEqual({
      outcome: 'fail',
      why: 'it answers 302 and not 200 (a redirect to 127.0.0.1:1, which is not followed)',
    });
    expect((await ask(page(`${url}/away`, { status: 302 }))).outcome).toBe('pass');
    expect((await ask(page(`${url}/loop`))).why).toContain('redirects without end');
  });

  it('is unknown without its token', async () => {
    expect(await ask(page('http://127.0.0.1:1', { bearer: 'TOKEN' }), { TOKEN: ' ' })).toEqual({
      outcome: 'unknown',
      why: 'the variable TOKEN holds no bearer token',
    });
  });

  it('ends with the run', async () => {
    const abort = new AbortController();
    const url = await serve(() => abort.abort());
    const call = { gate: gate(page(url)), fleet: 'acme', revision: '1' };
    await expect(askGate(call, { client, env: {} }, runWith(abort.signal))).rejects.toMatchObject({
      code: 'TORYO_INTERRUPTED',
    });
  });
});

describe('a gate that asks Prometheus', () => {
  it('asks for the query, also below a path, with its token', async () => {
    let asked: string | undefined;
    const url = await serve((request, response) => {
      asked = `${request.headers.authorization} ${request.url}`;
      response.end(
        JSON.stringify({
          status: 'success',
          data: { resultType: 'vector', result: [{ metric: {}, value: [1.5, '0'] }] },
        }),
      );
    });
    expect(await ask(metrics(`${url}/prom/?team=a`, '< 0.01', 'TOKEN'), { TOKEN: 't' })).toEqual({
      outcome: 'pass',
      why: '0 is < 0.01',
    });
    expect(asked).toBe('Bearer t /prom/api/v1/query?team=a&query=errors%7Bc%3D%22lab%22%7D+%2F+2');
  });

  it.each([
    [
      'an error',
      answerWith('{"status":"error","errorType":"bad_data","error":"parse error"}', 400),
      'bad_data: parse error',
    ],
    ['a page', answerWith('<html>log in</html>'), 'it answers 200 with what is not JSON'],
    ['another JSON', answerWith('{}'), 'it answers 200 with no answer of Prometheus'],
    ['half an answer', answerWith('{"status":"succ'), 'it answers 200 with what is not JSON'],
    ['a server error', answerWith('oops', 500), 'it answers 500 with what is not JSON'],
    [
      'a proxy that says success',
      answerWith('{"status":"success"}', 502),
      'it answers 502 with no answer of Prometheus',
    ],
    [
      'a login elsewhere',
      answerWith('', 302, { location: 'https://login.example.com/' }),
      'it answers 302 with a redirect to login.example.com, which is not followed',
    ],
    [
      'far too much',
      answerWith(`{"status":"success","x":"${'x'.repeat(9_000_000)}"}`),
      'its answer is too large: aggregate the query',
    ],
  ])('%s is unknown', async (_name, listener, why) => {
    expect(await ask(metrics(await serve(listener)))).toEqual({ outcome: 'unknown', why });
  });

  it('a broken connection is unknown', async () => {
    const url = await serve((request) => void request.socket.destroy());
    expect((await ask(metrics(url))).outcome).toBe('unknown');
  });

  it('a server that answers slowly is unknown', async () => {
    const url = await serve((_request, response) => void sleep(2000).then(() => response.end('{}')));
    expect((await ask(metrics(url), {}, 200)).why).toContain('did not answer within 0.2 s');
  });
});

describe('waiting for a gate', () => {
  const wait = (question: GateQuestion, every: number, timeout: number, signal?: AbortSignal) =>
    waitForGate(
      { gate: { ...gate(question, timeout), every }, fleet: 'acme', revision: '1' },
      { client, env: {} },
      runWith(signal),
    );

  it('ends when it passes', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.writeHead(asked < 3 ? 503 : 200).end();
    });
    expect(await wait(page(url), 10, 60_000)).toEqual({ outcome: 'pass', why: 'it answers 200' });
    expect(asked).toBe(3);
  });

  it('ends with the last answer when its time is over', async () => {
    const url = await serve(answerWith('', 503));
    expect(await wait(page(url), 50, 300)).toEqual({ outcome: 'fail', why: 'it answers 503 and not 200' });
  });

  it('ends with the run', async () => {
    const url = await serve(answerWith('', 503));
    const waited = wait(page(url), 60_000, 600_000, AbortSignal.timeout(200));
    await expect(waited).rejects.toMatchObject({ code: 'TORYO_INTERRUPTED' });
  });
});
