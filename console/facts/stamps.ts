import type { CallOptions } from '../../shared/kernel/call-options.ts';

/** A key with what is another one where its bytes are others: an ETag, or when a file was put there. */
export interface Stamped {
  readonly key: string;
  readonly stamp: string;
}

/** What is under a prefix, in byte order, without reading it. @throws LandfallError STORE_* */
export type Stamps = (prefix: string, options: CallOptions) => AsyncIterable<Stamped>;
