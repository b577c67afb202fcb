import { readFileSync, writeFileSync } from 'node:fs';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { bytesOf, type FuzzTarget } from './fuzz-target.ts';

const fileOf = (name: string): URL => new URL(`../corpus/${name}.txt`, import.meta.url);

/** Inputs that campaigns kept, one a line: base64 of what deflate makes of it. */
function kept(name: string): readonly Buffer[] {
  let text: string;
  try {
    text = readFileSync(fileOf(name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => inflateRawSync(Buffer.from(line, 'base64')));
}

/** What mutations of a target start from: its seeds, and what campaigns kept. */
export const corpusOf = ({ name, seeds }: FuzzTarget): readonly Buffer[] => [
  ...seeds.map(bytesOf),
  ...kept(name),
];

/** Replaces what campaigns kept of a target. */
export function keep(name: string, inputs: readonly Buffer[]): void {
  const lines = inputs.map((input) => deflateRawSync(input, { level: 9 }).toString('base64'));
  writeFileSync(fileOf(name), [...lines, ''].join('\n'));
}
