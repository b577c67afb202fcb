import { asLandfallError, type LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { throwIfCancelled } from '../../shared/kernel/cancelled.ts';
import type { Tone } from '../terminal/colour.ts';
import type { Table } from '../terminal/table.ts';

/** An error as a person reads it. */
export interface ListingFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** One thing of a list: what `--json` prints of it, its cells, and its name, as commands take it. */
export interface ListedItem {
  readonly name: string;
  readonly document: Readonly<Record<string, unknown>>;
  readonly row: readonly string[];
}

/** The same facts twice: documents for `--json`, rows for a person. */
export interface Listing extends Pick<Table, 'columns'> {
  readonly items: readonly ListedItem[];
  /** Of the rows that have only a name and a code: what cannot be read is no reason to show nothing of the others. */
  readonly unreadable: readonly LandfallError[];
  /** What rows have no place for: why something fails, in full, and what to do next. */
  readonly failures?: readonly ListingFailure[];
  /** Of the whole list. */
  readonly notes?: readonly string[];
}

/** What is asked for. */
export interface ListingOptions extends CallOptions {
  /** Only of this namespace. */
  readonly namespace?: string | undefined;
}

/** What was read, or why it could not be. */
type Read<T> = { readonly value: T | undefined } | { readonly error: LandfallError };

export async function reading<T>(
  read: () => Promise<T | undefined>,
  { signal }: CallOptions,
): Promise<Read<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    throwIfCancelled('get', signal);
    return { error: asLandfallError(error) };
  }
}

/** What READY and STATE say. */
export const STANDING: Readonly<Record<string, Tone>> = {
  True: 'good',
  Succeeded: 'good',
  False: 'bad',
  Failed: 'bad',
  RolledBack: 'bad',
  CutOff: 'bad',
  Unknown: 'doubtful',
  Running: 'doubtful',
  Waiting: 'doubtful',
  Suspended: 'doubtful',
};

/** To the second: `2026-11-29T07:02:11Z`; `-` where there is no such time. */
export const secondsOf = (time: string | null | undefined): string => (time ? `${time.slice(0, 19)}Z` : '-');

/** Statuses and ledgers read at the same time. */
export const READS = 32;
