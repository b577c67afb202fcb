import type { Figure } from '../bench.ts';

const verdict = ({ met }: Figure): string => (met === undefined ? '' : met ? 'met' : 'MISSED');

/** Figures in columns: what, target, verdict, measured. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [figure.what, figure.target ?? '', verdict(figure), figure.measured]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}
