import type { LookupAddress } from 'node:dns';
import net, { isIP } from 'node:net';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import type { Lookup } from '../../../shared/registry/names/name-lookups.ts';

/** What names resolve to, asked anew each time; `hang` never answers. */
export type Dns = Readonly<Record<string, () => readonly string[] | 'hang'>>;

export const lookupIn =
  (dns: Dns): Lookup =>
  (hostname, _, callback) => {
    const found = dns[hostname]?.();
    if (found === 'hang') return;
    if (found === undefined) {
      callback(Object.assign(new Error(`no ${hostname}`), { code: 'ENOTFOUND' }), []);
      return;
    }
    callback(
      null,
      found.map((address) => ({ address, family: isIP(address) })),
    );
  };

interface DialOptions {
  readonly host: string;
  readonly lookup: (host: string, options: object, callback: (...result: never[]) => void) => void;
}

/**
 * Records every address that a socket is about to be opened to, after all that would refuse it, and opens it to
 * loopback instead: there the test's servers stand for the whole internet.
 */
export function recordDials(t: TestContext, trapPort: number): string[] {
  const dialled: string[] = [];
  const redirected = (options: DialOptions): DialOptions & { readonly port?: number } => {
    if (isIP(options.host) !== 0) {
      dialled.push(options.host);
      return { ...options, host: '127.0.0.1', port: trapPort };
    }
    const answer =
      (callback: (error: Error | null, found: LookupAddress[]) => void) =>
      (error: Error | null, found: LookupAddress[] | string): void => {
        if (error) {
          callback(error, []);
          return;
        }
        const all = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
        dialled.push(...all.map(({ address }) => address));
        callback(null, [{ address: '127.0.0.1', family: 4 }]);
      };
    const lookup = (host: string, _: object, callback: never): void =>
      options.lookup(host, { all: true }, answer(callback) as never);
    return { ...options, lookup: (host, asked, callback) => lookup(host, { ...asked }, callback as never) };
  };
  for (const module of [net, tls]) {
    const original = module.connect.bind(module) as (options: object) => net.Socket;
    t.mock.method(module, 'connect', (options: DialOptions) => original(redirected(options)));
  }
  return dialled;
}
