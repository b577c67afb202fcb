import { KiB, MiB } from './units.ts';

/** Compressed bytes of a layer from which on a thread beside the first hashes and writes what is in it. It takes 28 ms to begin; 5 MiB take a tenth less with it. */
export const WRITE_BEHIND_LAYER_BYTES = 2 * MiB;
/** Of the memory that the two share: what is handed over at a time, for a thread that sleeps takes a quarter of a millisecond to wake. */
export const WRITE_BEHIND_PART_BYTES = 512 * KiB;
