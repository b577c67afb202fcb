import type { DigestAlgorithm } from '../../oci/digest.ts';

/** What is true of a piece of a file; added up. */
export const PIECE = { opens: 1, closes: 2, executable: 4 } as const;

/** How files are opened. */
export interface OpenOptions {
  /** As open(2) takes them. */
  readonly flags: number;
  /** Milliseconds that are waited for a descriptor where none is to be had. */
  readonly patienceMs: number;
}

/** The thread's own, from its beginning. */
export interface ThreadOptions extends OpenOptions {
  readonly piece: typeof PIECE;
}

/** What a layer is written of begins, is written and ends. `layer` is a number that nothing else has. */
export type ToThread =
  | {
      readonly does: 'begin';
      readonly layer: number;
      /** Everything goes below it. */
      readonly folder: string;
      readonly memory: SharedArrayBuffer;
      /** What all that is in the batches is hashed by, in a row. */
      readonly algorithms: readonly DigestAlgorithm[];
    }
  | {
      readonly does: 'write';
      readonly layer: number;
      /** All that came since the batch before: where in the memory, and how much. */
      readonly from: number;
      readonly bytes: number;
      /** Threes: where in the memory, how many bytes, what is true of it. */
      readonly pieces: readonly number[];
      /** Of the pieces that open a file, in a row. */
      readonly paths: readonly string[];
    }
  | { readonly does: 'end'; readonly layer: number };

/** In the order of what was asked. */
export interface FromThread {
  readonly layer: number;
  /** `write`: SHA-256, in hex, of the files that were closed, in a row. `end`: of everything, by algorithm. */
  readonly sums: readonly string[];
  /** After it nothing more of the layer is written. */
  readonly failure?: { readonly code: string; readonly message: string; readonly path: string };
}
