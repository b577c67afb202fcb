import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';
import type { EmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import type { FaultEffect } from '../../embedded-registry/faults/fault.ts';
import { openRegistry } from './test-registry.ts';

/** What every fault is tried on. */
export const BLOB = Buffer.from('0123456789abcdef');
const ANY = { path: /./ };

/** A registry with that blob, and a fault for every request. */
export async function withBlob(t: TestContext, ...effects: readonly FaultEffect[]) {
  const registry = await openRegistry(t);
  const path = `/v2/a/b/blobs/${registry.content.addBlob('a/b', BLOB)}`;
  registry.faults.add(ANY, ...effects);
  return { registry, path };
}

/** The head of the response and whatever comes of its body; `ended` once it is whole or broken. */
export async function receive({ url }: EmbeddedRegistry, path: string) {
  const request = get(url + path, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  // A reset is told to the request too; the response's own error is what counts.
  request.on('error', () => undefined);
  const chunks: Buffer[] = [];
  const first = Promise.withResolvers<void>();
  const ended = (async (): Promise<string> => {
    try {
      for await (const chunk of response) {
        chunks.push(chunk as Buffer);
        first.resolve();
      }
      return 'whole';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  })();
  return { response, ended, arrived: first.promise, body: () => Buffer.concat(chunks).toString() };
}
