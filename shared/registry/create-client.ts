import { blobExists } from './blobs.ts';
import type { RegistryCallOptions, RegistryReader, RegistryWriter } from './client.ts';
import { openExchange, type RegistryClientDeps, readerOver } from './create-reader.ts';
import { logIn } from './log-in.ts';
import { uploadBlob, uploadManifest } from './push.ts';

/** A reader and writer that keeps connections, challenges and tokens until it is closed. */
export type RegistryClient = RegistryReader &
  RegistryWriter & {
    /** Whether the registry takes its credential, or asks for none. @throws LandfallError UNAUTHORIZED, … */
    logIn(registry: string, options?: RegistryCallOptions): Promise<'taken' | 'not asked'>;
    close(): Promise<void>;
  };

/** The registry's client over HTTP, for who pushes, too. */
export function createRegistryClient(deps: RegistryClientDeps): RegistryClient {
  const exchange = openExchange(deps);
  return {
    ...readerOver(exchange),
    hasBlob: (repository, digest, options) => blobExists(repository, digest, options, exchange),
    pushBlob: (repository, descriptor, content, options) =>
      uploadBlob(repository, descriptor, content, options, exchange),
    pushManifest: (repository, reference, mediaType, bytes, options) =>
      uploadManifest(repository, { reference, mediaType, bytes }, options, exchange),
    logIn: (registry, options) => logIn(registry, options, exchange),
    close: exchange.close,
  };
}
