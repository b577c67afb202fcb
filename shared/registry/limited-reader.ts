import type { Limits } from '../limits.ts';
import type { RegistryCallOptions, RegistryReader } from './client.ts';

/** The reader of one source: the same registry client, held to that source's limits. */
export function limitedReader(reader: RegistryReader, limits: Limits): RegistryReader {
  const limited = (options: RegistryCallOptions | undefined): RegistryCallOptions => ({ ...options, limits });
  return {
    peek: (repository, tag, options) => reader.peek(repository, tag, options),
    manifest: (repository, reference, options) => reader.manifest(repository, reference, limited(options)),
    blob: (repository, descriptor, options) => reader.blob(repository, descriptor, options),
    tags: (repository, options) => reader.tags(repository, limited(options)),
    referrers: (repository, digest, options) => reader.referrers(repository, digest, limited(options)),
  };
}
