import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseJson, stringAt } from '../../src/lib/index.ts';
import { Authority } from '../../src/sandbox/index.ts';

/** A validating webhook on this machine that lets everything in and remembers what it was asked. */
export class WebhookServer {
  /** `UPDATE Boat/harbour/boat`, in the order of the questions. */
  readonly asked: string[] = [];
  /** The certificate to trust, as a webhook configuration has it. */
  readonly caBundle: string;
  readonly #server: Server;

  private constructor(server: Server, caBundle: string) {
    this.#server = server;
    this.caBundle = caBundle;
  }

  /** Starts one that answers in the name of a Service, e.g. `crew.harbour.svc`. */
  static async start(name: string): Promise<WebhookServer> {
    const authority = await Authority.create('webhooks');
    const { certificate, key } = await authority.issue({ commonName: name, serves: [name] });
    const server = createServer({ cert: certificate, key });
    const webhook = new WebhookServer(server, Buffer.from(authority.pair.certificate).toString('base64'));
    server.on('request', (request, response) => {
      void text(request).then((body) => response.end(webhook.#answer(body)));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return webhook;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #answer(body: string): string {
    const review = parseJson(body);
    const of = (field: string): string => stringAt(review, 'request', field) ?? '';
    const kind = stringAt(review, 'request', 'kind', 'kind') ?? '';
    this.asked.push(`${of('operation')} ${kind}/${of('namespace')}/${of('name')}`);
    return JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: of('uid'), allowed: true },
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
