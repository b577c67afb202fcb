import { KiB, MiB } from './units.ts';

/** Files that are packed lie one behind the other in objects of so many bytes at most: one PUT each, and one in memory. */
export const PACK_BYTES = 8 * MiB;
/** Larger ones are an object of their own. */
export const PACKED_FILE_BYTES = 1 * MiB;
/** Who opens a file of a pack so few bytes behind the one before goes through it: it is cheaper whole than in requests. */
export const PACK_GAP_BYTES = 256 * KiB;
