import { MiB } from './units.ts';

/** Of a `trusted_root.json` by TUF. */
export const TRUSTED_ROOT_BYTES = 1 * MiB;
/** A whole refresh of a root by TUF. */
export const TRUST_REFRESH_MS = 10_000;
