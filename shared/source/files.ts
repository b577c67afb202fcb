import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LandfallError } from '../errors.ts';
import { SOURCE_DOCUMENT_BYTES } from '../limits.ts';
import type { YamlFile } from './yaml-document.ts';

const DOCUMENT = /\.(?:ya?ml|json)$/i;

function unreadable(path: string, error: unknown): LandfallError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
  return new LandfallError('CONFIG_UNREADABLE', `cannot read ${path}: ${code}`, {
    cause: error,
    hint: 'Give a YAML or JSON file, or a folder of them, that exists and may be read.',
  });
}

/** Reads one byte more than is allowed and no further, so that the reader can say that it is too much. */
async function readBounded(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const buffer = Buffer.alloc(SOURCE_DOCUMENT_BYTES + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.toString('utf8', 0, length);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Every document under a folder, in byte order of path; hidden files and folders are left out. */
async function listDocuments(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const visible = entries
    .filter(({ name }) => !name.startsWith('.'))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const nested = await Promise.all(
    visible.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listDocuments(path);
      return DOCUMENT.test(entry.name) ? [path] : [];
    }),
  );
  return nested.flat();
}

async function documentsAt(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    return await listDocuments(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The documents of files and folders, in the order given.
 * @throws LandfallError CONFIG_UNREADABLE naming the path
 */
export async function readFiles(paths: readonly string[]): Promise<readonly YamlFile[]> {
  const files: YamlFile[] = [];
  for (const path of paths) {
    for (const file of await documentsAt(path)) files.push({ file, text: await readBounded(file) });
  }
  return files;
}
