import type { LineWriter } from './line-writer.ts';

/** Writes an array element by element, as writeJson would write it whole. */
export function arrayWriter(lines: LineWriter) {
  let last: string | undefined;
  return {
    async add(element: unknown): Promise<void> {
      const next = `  ${JSON.stringify(element, null, 2).replaceAll('\n', '\n  ')}`;
      await lines.add(last === undefined ? '[' : `${last},`);
      last = next;
    },
    async end(): Promise<void> {
      await lines.add(last === undefined ? '[]' : `${last}\n]`);
    },
  };
}
