import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { at, isArray, isObject, numberAt, parseJson, stringAt, type JsonObject } from '../src/lib/index.ts';

const program = fileURLToPath(
  new URL('../node_modules/yaml-language-server/bin/yaml-language-server', import.meta.url),
);

/** A mistake as an editor underlines it; the line counts from 1. */
export interface Underlined {
  readonly line: number;
  readonly message: string;
}

/** An editor: yaml-language-server over stdio, with one schema for every document. */
export class Editor {
  readonly #server: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<string, (message: JsonObject) => void>();
  #text = Buffer.alloc(0);
  #next = 1;
  #settings: JsonObject = {};

  constructor() {
    this.#server = spawn(process.execPath, [program, '--stdio'], { stdio: 'pipe' });
    this.#server.stdout.on('data', (chunk: Buffer) => {
      this.#text = Buffer.concat([this.#text, chunk]);
      this.#read();
    });
  }

  /** Begins with the schema file for every document. */
  async start(schema: string): Promise<void> {
    this.#settings = {
      schemas: { [pathToFileURL(schema).href]: ['*.yaml'] },
      validate: true,
      hover: true,
      yamlVersion: '1.1',
      schemaStore: { enable: false },
    };
    await this.#ask('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: { workspace: { configuration: true } },
    });
    const asked = new Promise<JsonObject>((resolve) => {
      this.#waiting.set('workspace/configuration', resolve);
    });
    this.#send({ method: 'initialized', params: {} });
    this.#send({ method: 'workspace/didChangeConfiguration', params: { settings: {} } });
    await asked;
  }

  /** Opens a text and says what is underlined. */
  async open(name: string, text: string): Promise<readonly Underlined[]> {
    const uri = `file:///fleet/${name}`;
    const published = new Promise<JsonObject>((resolve) => {
      this.#waiting.set(uri, resolve);
    });
    this.#send({
      method: 'textDocument/didOpen',
      params: { textDocument: { uri, languageId: 'yaml', version: 1, text } },
    });
    const found = at(await published, 'params', 'diagnostics');
    return (isArray(found) ? found : []).map((one) => ({
      line: (numberAt(one, 'range', 'start', 'line') ?? 0) + 1,
      message: stringAt(one, 'message') ?? '',
    }));
  }

  /** The hover text at a place of an opened text, counted from 0. */
  async hover(name: string, line: number, character: number): Promise<string> {
    const answer = await this.#ask('textDocument/hover', {
      textDocument: { uri: `file:///fleet/${name}` },
      position: { line, character },
    });
    return JSON.stringify(at(answer, 'result', 'contents') ?? '');
  }

  stop(): void {
    this.#server.kill('SIGKILL');
  }

  #ask(method: string, params: unknown): Promise<JsonObject> {
    const id = this.#next;
    this.#next += 1;
    const answer = new Promise<JsonObject>((resolve) => {
      this.#waiting.set(String(id), resolve);
    });
    this.#send({ id, method, params });
    return answer;
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #read(): void {
    for (;;) {
      const end = this.#text.indexOf('\r\n\r\n');
      const length = Number(
        /Content-Length: (\d+)/i.exec(this.#text.subarray(0, Math.max(0, end)).toString())?.[1],
      );
      if (end < 0 || this.#text.length < end + 4 + length) return;
      const body = this.#text.subarray(end + 4, end + 4 + length).toString('utf8');
      this.#text = this.#text.subarray(end + 4 + length);
      const message = parseJson(body);
      if (isObject(message)) this.#receive(message);
    }
  }

  #receive(message: JsonObject): void {
    const { id, method } = message;
    if (typeof id === 'number' && typeof method === 'string') {
      this.#answer(id, method, message);
      return;
    }
    const uri = method === 'textDocument/publishDiagnostics' ? stringAt(message, 'params', 'uri') : undefined;
    const key = uri ?? (typeof id === 'number' ? String(id) : '');
    const wait = this.#waiting.get(key);
    this.#waiting.delete(key);
    wait?.(message);
  }

  /** What the server asks of an editor: its settings, and nothing else of interest. */
  #answer(id: number, method: string, message: JsonObject): void {
    const items = at(message, 'params', 'items');
    const settings = (isArray(items) ? items : []).map((item) =>
      stringAt(item, 'section') === 'yaml' ? this.#settings : {},
    );
    this.#send({ id, result: method === 'workspace/configuration' ? settings : null });
    this.#waiting.get(method)?.(message);
    this.#waiting.delete(method);
  }
}
