import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly origin: string;
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
}

/** Sends a request and reads the whole answer; `onSent` when there is a connection for it. Rejects with undici's error when the connection breaks. */
export function exchange(through: Dispatcher, request: WireRequest, onSent: () => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    // dispatch, not request: without a stream for each answer, 1,200 applies take a tenth less time (decision 0001).
    through.dispatch(
      { ...request, headers: { ...request.headers } },
      {
        onRequestStart: onSent,
        onResponseStart: (_, code, received) => {
          status = code;
          headers = received;
        },
        onResponseData: (_, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd: () => {
          const [first] = chunks;
          const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
          resolve({ status, headers, text: bytes.toString('utf8') });
        },
        onResponseError: (_, error) => {
          reject(error);
        },
      },
    );
  });
}
