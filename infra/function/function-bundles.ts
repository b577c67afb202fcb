import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { parseObject } from '../../shared/kernel/json.ts';

/** The text of each file of each function. */
export type FunctionFiles = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * In a package the bundles of all functions are one file beside its modules: see release/functions.ts. A checkout has none.
 * Most of them is the SDK, in each: compressed as one they are a third of what they are one by one.
 */
export const BUNDLE_FOLDER = join(import.meta.dirname, 'functions');
const FILE = join(BUNDLE_FOLDER, 'functions.json.br');

let read: FunctionFiles | undefined;

/** Undefined where they are still to be made. */
export function functionBundles(): FunctionFiles | undefined {
  if (read === undefined && existsSync(FILE))
    read = parseObject(brotliDecompressSync(readFileSync(FILE))) as FunctionFiles | undefined;
  return read;
}

export function writeFiles(files: Readonly<Record<string, string>>, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}
