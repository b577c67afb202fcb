import { KiB } from './units.ts';

/** Statuses and ledgers that the console reads at the same time. */
export const CONSOLE_READS = 32;
/** What it read is shown for so long before it reads again. */
export const CONSOLE_STALE_MS = 2_000;
export const CONSOLE_STALE_S3_MS = 30_000;
/** Sources on one page. */
export const CONSOLE_ROWS = 100;
/** Events that the chart counts, and of them those that have a row. */
export const CONSOLE_EVENTS = 5_000;
export const CONSOLE_EVENT_ROWS = 100;
/** Files of a difference whose lines are shown. */
export const CONSOLE_PATCHES = 40;
/** A form that is sent. */
export const CONSOLE_BODY_BYTES = 16 * KiB;
/** Pages that are open and listen. */
export const CONSOLE_STREAMS = 64;
