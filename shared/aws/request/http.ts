import { urlToHttpOptions } from 'node:url';
import { connectionsFor } from './connections.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Of the whole exchange. */
  readonly timeoutMs: number;
  readonly maximumBytes: number;
  readonly signal?: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

const tooLong = (bytes: number): Error =>
  Object.assign(new Error(`over ${bytes} bytes`), { code: 'answer too long' });

/** One exchange. node:https, as it costs a cold start 5 ms where fetch or an SDK client costs 20 to 40. */
export async function exchange(input: HttpRequest): Promise<HttpReply> {
  const { url, method, headers, body, timeoutMs, maximumBytes, signal } = input;
  const { request, agent } = connectionsFor(url.protocol);
  const timeout = AbortSignal.timeout(timeoutMs);
  const ends = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(timeout.aborted ? Object.assign(error, { code: 'timeout' }) : error);
    const sent = request(
      {
        ...urlToHttpOptions(url),
        method,
        headers: { ...headers, 'content-length': body.length },
        agent,
        signal: ends,
      },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > maximumBytes) response.destroy(tooLong(maximumBytes));
          else chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () => {
          // `end` comes too where the connection was cut before all of it was there.
          if (!response.complete) return fail(Object.assign(new Error('cut'), { code: 'ECONNRESET' }));
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          });
        });
      },
    );
    sent.on('error', fail);
    sent.end(body);
  });
}
