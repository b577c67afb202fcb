import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { asLandfallError, errnoOf, LandfallError } from '../../errors.ts';
import { readAtMost } from '../../kernel/read-bytes.ts';
import { SOURCE_DOCUMENT_BYTES } from '../../limits.ts';
import { decodeDocument } from './decode-document.ts';
import { documentsInFolder } from './documents-in-folder.ts';
import type { YamlFile } from './yaml-document.ts';

function unreadable(path: string, error: unknown): LandfallError {
  const code = errnoOf(error) ?? 'error';
  return new LandfallError('CONFIG_UNREADABLE', `cannot read ${path}: ${code}`, {
    cause: error,
    hint: 'Give a YAML or JSON file, or a folder of them, that exists and may be read.',
  });
}

/** Reads one byte more than is allowed and no further, so that the reader can say that it is too much. */
async function readBounded(path: string): Promise<Buffer> {
  try {
    const { bytes } = await readAtMost(createReadStream(path), SOURCE_DOCUMENT_BYTES + 1);
    return bytes;
  } catch (error) {
    throw unreadable(path, error);
  }
}

interface Named {
  readonly path: string;
  /** It only lies in a folder that was named. */
  readonly found: boolean;
}

async function documentsAt(path: string): Promise<readonly Named[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [{ path, found: false }];
    return (await documentsInFolder(path)).map((each) => ({ path: each, found: true }));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** A link to nothing, a folder or a pipe of a document's name is none. */
const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ELOOP',
  );

async function readNamed({ path, found }: Named): Promise<readonly YamlFile[]> {
  if (!found) return [decodeDocument(path, await readBounded(path))];
  if (!(await isFile(path))) return [];
  try {
    return [{ ...decodeDocument(path, await readBounded(path)), found }];
  } catch (error) {
    // Of many files it is one: what it says nobody knows, and the others are not the worse for it.
    return [{ file: path, text: '', found, unreadable: asLandfallError(error).message }];
  }
}

/**
 * The documents of files and folders, in the order given; each once, also where it is named and lies in a folder that
 * is.
 * @throws LandfallError CONFIG_UNREADABLE naming the path
 */
export async function readFiles(paths: readonly string[]): Promise<readonly YamlFile[]> {
  const all = new Map<string, Named>();
  for (const path of paths) {
    for (const named of await documentsAt(path)) {
      const place = resolve(named.path);
      if (all.get(place)?.found !== false) all.set(place, named);
    }
  }
  const files: YamlFile[] = [];
  for (const named of all.values()) files.push(...(await readNamed(named)));
  return files;
}
