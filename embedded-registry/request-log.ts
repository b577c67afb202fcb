import type { IncomingHttpHeaders } from 'node:http';
import type { RegistryRequest } from './registry-request.ts';

export interface LoggedRequest {
  readonly method: string;
  /** Percent-decoded, without the query. */
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  /** Whether an Authorization header came. Its value is not kept. */
  readonly authorized: boolean;
  /** As they came, without those that carry secrets. */
  readonly headers: IncomingHttpHeaders;
  /** Undefined while it is answered, and where a fault gave no status. */
  readonly status: number | undefined;
}

/** Older requests are dropped beyond this many. */
const KEPT = 100_000;

/** Every request that came in, oldest first, since the last reset. */
export class RequestLog {
  #entries: LoggedRequest[] = [];

  get entries(): readonly LoggedRequest[] {
    return this.#entries;
  }

  /** How many came, of one method and with a path that matches, where given. */
  count(method?: string, path?: RegExp): number {
    return this.#entries.filter(
      (entry) =>
        (method === undefined || entry.method === method) &&
        (path === undefined || entry.path.search(path) >= 0),
    ).length;
  }

  reset(): void {
    this.#entries = [];
  }

  /** Writes the request down; the function given back sets its status. */
  record(request: RegistryRequest): (status: number) => void {
    const { authorization, cookie: _cookie, ...headers } = request.headers;
    const entry = {
      method: request.method,
      path: request.path,
      query: request.query.toString(),
      authorized: authorization !== undefined,
      headers,
      status: undefined as number | undefined,
    };
    if (this.#entries.length >= KEPT) this.#entries.shift();
    this.#entries.push(entry);
    return (status) => {
      entry.status = status;
    };
  }
}
