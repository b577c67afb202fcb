import { KiB } from './units.ts';

/** Statuses and ledgers that the console reads at the same time. */
export const CONSOLE_READS = 32;
/** What it read is shown for so long before it reads again. */
export const CONSOLE_STALE_MS = 2_000;
export const CONSOLE_STALE_S3_MS = 30_000;
/** A page, all of it; and of it the rows, lines and revisions that are as many as they like to be. */
export const CONSOLE_PAGE_BYTES = 100_000;
export const CONSOLE_ROWS_BYTES = 60_000;
/** Sources, deploys, revisions or files on one page. */
export const CONSOLE_ROWS = 100;
/** What failed, in a row; the page of what failed has all of it. */
export const CONSOLE_MESSAGE_CHARACTERS = 300;
/** A line of a log or a difference, a path, what failed where it is all that is shown. */
export const CONSOLE_LINE_CHARACTERS = 2_000;
/** Lines of one file among others that differ: its own page has more. */
export const CONSOLE_PATCH_BYTES = 12_000;
/** Events that the charts count and that are kept for it, and of them those that have a row. */
export const CONSOLE_EVENTS = 5_000;
export const CONSOLE_EVENT_ROWS = 100;
/** Files of a difference whose lines are shown. */
export const CONSOLE_PATCHES = 40;
/** A form that is sent. */
export const CONSOLE_BODY_BYTES = 16 * KiB;
/** Pages that are open and listen. */
export const CONSOLE_STREAMS = 64;
/** Connections, and those of one address: a browser opens six, and a proxy has everybody's. */
export const CONSOLE_CONNECTIONS = 256;
export const CONSOLE_CONNECTIONS_PER_ADDRESS = 128;
/** Tokens that are tried at the same time, each of which takes half a second to be refused. */
export const CONSOLE_LOGINS = 4;
/** Names that the field of the quick switch is offered while somebody types. */
export const CONSOLE_NAMES = 12;
