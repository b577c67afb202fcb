/** Lines up columns under their heads, two spaces apart. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === head.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [head.map((title) => title.toUpperCase()), ...rows].map(line).join('\n');
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
