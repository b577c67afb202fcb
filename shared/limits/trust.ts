import { MiB } from './units.ts';

/** Of a `trusted_root.json` by TUF. */
export const TRUSTED_ROOT_BYTES = 1 * MiB;
/** A whole refresh of a root by TUF. */
export const TRUST_REFRESH_MS = 10_000;
/** How deep an envelope in COSE may be. */
export const COSE_DEPTH = 8;
/** What it has in it, lists, maps, and the keys of maps among them. */
export const COSE_VALUES = 1_000;
/** A list of revoked certificates (CRL). */
export const REVOCATION_LIST_BYTES = 8 * MiB;
/** The whole of its reading. */
export const REVOCATION_LIST_MS = 5_000;
/** Lists that one certificate may name. */
export const REVOCATION_LISTS = 8;
/** Extensions of a certificate, of a list, or of one of its entries. */
export const DER_EXTENSIONS = 64;
/** Places of lists that a certificate names, names of one of them, or services. */
export const DER_NAMES = 64;
/** It is read again after that time, whatever it says of the next one. */
export const REVOCATION_LIST_KEPT_MS = 24 * 3_600_000;
/** Whoever did not answer is left alone that long. */
export const FAILED_ASK_MS = 60_000;
/** So many of them are remembered. */
export const FAILED_ASKS = 256;
/** Public keys of policies that are not read again while their text is the same. */
export const KEYS_KNOWN = 100;
