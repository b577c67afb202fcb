import type { Dispatcher } from 'undici';
import type { RequestBody } from './upload-body.ts';

type RequestOptions = Omit<Dispatcher.RequestOptions, 'body'> & { readonly body?: RequestBody | null };

/** Makes requests, over connections of its own. */
export interface Requests {
  request(options: RequestOptions): Promise<Dispatcher.ResponseData>;
}

/**
 * Each in the next turn of the event loop: undici gives a connection back a turn after its response has ended, so that who
 * asks on at once would open one more. A pull needs one for its three requests, not two; each is a TLS handshake. But right
 * after a HEAD another one is better: some send a body after it, which would be taken for the next answer.
 */
export function inNextTurn(dispatcher: Dispatcher): Requests {
  let isAfterHead = false;
  return {
    request: async ({ body = null, ...options }) => {
      if (!isAfterHead) await new Promise(setImmediate);
      const response = await dispatcher.request({
        ...options,
        body: typeof body === 'function' ? body() : body,
      });
      if (options.method === 'HEAD') {
        isAfterHead = true;
        setImmediate(() => {
          isAfterHead = false;
        });
      }
      return response;
    },
  };
}
