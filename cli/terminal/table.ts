import { printableLine } from '../../shared/printable.ts';
import type { Paint, Tone } from './colour.ts';

export interface Column {
  readonly title: string;
  /** Only where everything is asked for (`wide`), or only where it is not; absent: in both. */
  readonly only?: 'wide' | 'narrow';
  /** Left out of a terminal that is too narrow, the highest first; absent: never. */
  readonly rank?: number;
  /** Words, of which the first ones tell most: they get what room is left. */
  readonly isText?: boolean;
  /** What its words say of how something stands. */
  readonly tones?: Readonly<Record<string, Tone>>;
}

export interface Table {
  readonly columns: readonly Column[];
  /** Of all columns, those too that are not shown. */
  readonly rows: readonly (readonly string[])[];
}

interface TableStyle {
  readonly wide?: boolean;
  /** Of the terminal; undefined: a file or a pipe, of which nothing is left out. */
  readonly room?: number | undefined;
  readonly paint?: Paint;
}

const LEAST_TEXT = 24;
const LEAST_CELL = 6;
const GAP = '  ';

const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;

const widthOf = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, (widths.length - 1) * GAP.length);

interface Shown {
  readonly column: Column;
  readonly cells: readonly string[];
  readonly width: number;
}

const shownOf = ({ columns, rows }: Table, wide: boolean): readonly Shown[] =>
  columns.flatMap((column, at) => {
    if (column.only === (wide ? 'narrow' : 'wide')) return [];
    const cells = [column.title.toUpperCase(), ...rows.map((row) => printableLine(row[at] ?? ''))];
    return [{ column, cells, width: cells.reduce((most, { length }) => Math.max(most, length), 0) }];
  });

const totalOf = (shown: readonly Shown[]): number => widthOf(shown.map(({ width }) => width));

/** Texts get what the others leave them. */
function withTexts(shown: readonly Shown[], room: number): readonly Shown[] {
  const over = totalOf(shown) - room;
  return shown.map((each) =>
    each.column.isText === true && over > 0
      ? { ...each, width: Math.min(each.width, Math.max(LEAST_TEXT, each.width - over)) }
      : each,
  );
}

/** What is told least of goes first; what is left is cut where it is widest. */
function fitted(all: readonly Shown[], room: number): readonly Shown[] {
  let shown = withTexts(all, room);
  while (totalOf(shown) > room) {
    const rank = Math.max(...shown.map(({ column }) => column.rank ?? 0));
    if (rank === 0) break;
    shown = withTexts(
      shown.filter(({ column }) => column.rank !== rank),
      room,
    );
  }
  for (let over = totalOf(shown) - room; over > 0; over = totalOf(shown) - room) {
    const widest = shown.reduce((most, each) => (each.width > most.width ? each : most));
    if (widest.width <= LEAST_CELL) break;
    shown = shown.map((each) => (each === widest ? { ...each, width: each.width - 1 } : each));
  }
  return shown;
}

const TITLES = 0;

/** Lines up columns under their heads, two spaces apart, in the room that there is. */
export function formatTable(
  table: Table,
  { wide = false, room, paint = (_, text) => text }: TableStyle = {},
): string {
  const all = shownOf(table, wide);
  const shown = room === undefined ? all : fitted(all, room);
  const line = (row: number): string => {
    const cells = shown.map(({ cells: of, width, column }, at) => {
      const text = cut(of[row] ?? '', width);
      const tone = row === TITLES ? undefined : column.tones?.[of[row] ?? ''];
      const rest = at === shown.length - 1 ? '' : ' '.repeat(Math.max(0, width - text.length));
      return `${tone === undefined ? text : paint(tone, text)}${rest}`;
    });
    return cells.join(GAP).trimEnd();
  };
  return [TITLES, ...table.rows.map((_, at) => at + 1)].map(line).join('\n');
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB'];

/** `1536` → `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}

/** `sha256:44136fa3…`: enough to recognise, short enough for a table. */
export const shortDigest = (digest: string): string =>
  digest.length > 20 ? `${digest.slice(0, digest.indexOf(':') + 13)}…` : digest;

/** `1.4.0@sha256:883864b2`: enough to tell revisions apart, and to be given to `rollback --to`. */
export function shortRevision(revision: string): string {
  const at = revision.lastIndexOf('@') + 1;
  return revision.slice(0, at) + revision.slice(at).replace(/^(sha\d+:[0-9a-f]{8})[0-9a-f]+$/, '$1');
}

/** What an artifact has that is no file: `2 links left out, 1 empty folders`; empty where there is nothing. */
export function besideFiles(counts: {
  readonly links?: number;
  readonly folders?: number;
  readonly leftOut?: number;
}): string {
  const { links = 0, folders = 0, leftOut = 0 } = counts;
  return [
    ...(links > 0 ? [`${links} links left out`] : []),
    ...(folders > 0 ? [`${folders} empty folders`] : []),
    ...(leftOut > 0 ? [`${leftOut} devices and the like left out`] : []),
  ].join(', ');
}
