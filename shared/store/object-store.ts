import type { CallOptions } from '../kernel/call-options.ts';

/** Bytes under a key, with the version (an ETag) that compare-and-swap needs. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly version: string;
}

/**
 * The one port over S3, a directory and memory. Keys come from layout.ts, and nowhere else.
 * Every method throws LandfallError: STORE_UNAVAILABLE, STORE_DENIED, STORE_FULL; and ends with its signal, when what it
 * was to write may be written all the same.
 */
export interface ObjectStore {
  get(key: string, options?: CallOptions): Promise<StoredObject | undefined>;
  /** Atomic and durable: `exists` means the key had content, which is untouched. */
  putIfAbsent(key: string, bytes: Uint8Array, options?: CallOptions): Promise<'created' | 'exists'>;
  /**
   * Replaces the object whose version is `version`, or creates it where `version` is undefined; returns the new version.
   * @throws LandfallError STORE_CONFLICT when someone else was first
   */
  replace(
    key: string,
    bytes: Uint8Array,
    version: string | undefined,
    options?: CallOptions,
  ): Promise<string>;
  /** Keys that start with `prefix`, in byte order. */
  list(prefix: string, options?: CallOptions): AsyncIterable<string>;
  /** Deletes what is there; a missing key is no error. */
  delete(keys: readonly string[], options?: CallOptions): Promise<void>;
}
