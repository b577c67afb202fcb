import { Readable } from 'node:stream';
import { SIGNATURE_BYTES } from '../../limits.ts';
import { readUpTo } from '../../registry/http/body.ts';
import type { SignatureReader } from './signature-reader.ts';

/** Asks for each thing once, for several policies that look at the same signatures. */
export function rememberedReader(registry: SignatureReader): SignatureReader {
  const known = new Map<string, Promise<unknown>>();
  const once = <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    const before = known.get(what) as Promise<T> | undefined;
    if (before !== undefined) return before;
    const asked = ask();
    known.set(what, asked);
    return asked;
  };
  return {
    referrers: (repository, digest, options) =>
      once(`referrers ${digest}`, () => registry.referrers(repository, digest, options)),
    manifest: (repository, reference, options) =>
      once(`manifest ${reference}`, () => registry.manifest(repository, reference, options)),
    blob: async (repository, descriptor, options) => {
      const bytes = await once(`blob ${descriptor.digest}`, async () => {
        const body = await registry.blob(repository, descriptor, options);
        const what = `blob ${descriptor.digest}`;
        return (await readUpTo(body, SIGNATURE_BYTES, { what, signal: options?.signal })).bytes;
      });
      return Readable.from([bytes]);
    },
  };
}
