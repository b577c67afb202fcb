import { KiB, MiB } from './units.ts';

/** Manifests of one `copy`: children of an index and referrers. */
export const COPIED_MANIFESTS = 1_000;
/** Blobs of one `copy` under way at the same time. */
export const COPY_CONCURRENCY = 4;
/** Manifests that `list` asks for at the same time. */
export const LIST_CONCURRENCY = 8;
/** A password or token that is read from stdin. */
export const SECRET_BYTES = 64 * KiB;
/** A file whose text `diff -u` compares; a larger one is told by its sizes. */
export const DIFF_FILE_BYTES = 1 * MiB;
/** Lines added and removed, and time, after which two texts are told to differ by their sizes. */
export const DIFF_EDITS = 20_000;
export const DIFF_MS = 2_000;
/** Chart.yaml of a packaged chart. */
export const CHART_METADATA_BYTES = 1 * MiB;
