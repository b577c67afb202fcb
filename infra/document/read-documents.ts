import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { errnoOf, LandfallError } from '../../shared/errors.ts';
import { holdsDocuments } from '../../shared/source/document.ts';
import { decodeDocument } from '../../shared/source/file/decode-document.ts';
import { isDocumentName, isDocumentPath } from '../../shared/source/file/documents-in-folder.ts';
import type { YamlFile } from '../../shared/source/file/yaml-document.ts';
import { VERSION_KEY } from '../../shared/store/layout.ts';
import { isStoreMark } from '../../shared/store/store-mark.ts';

/** A document of the app: where its author finds it, and the name it has in the bucket. */
export interface AppDocument extends YamlFile {
  /** Path with `/`, e.g. `teams/web.yaml`. */
  readonly name: string;
}

/** As `documentsInFolder` lists them. */
function listDocuments(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const isMarked = entries.some(({ name }) => name === VERSION_KEY);
  if (isMarked && isStoreMark(readFileSync(join(folder, VERSION_KEY), 'utf8'))) return [];
  return entries
    .filter(({ name }) => isDocumentPath(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listDocuments(path);
      return isDocumentName(entry.name) && statSync(path, { throwIfNoEntry: false })?.isFile() ? [path] : [];
    });
}

interface Listed {
  readonly file: string;
  readonly name: string;
  readonly found: boolean;
}

/** What `path` is: the documents of a folder named as they lie in it, or one file. */
function documentsAt(path: string): readonly Listed[] {
  try {
    if (!statSync(path).isDirectory()) return [{ file: path, name: basename(path), found: false }];
    return listDocuments(path).map((file) => ({
      file,
      name: relative(path, file).split(sep).join('/'),
      found: true,
    }));
  } catch (error) {
    const code = errnoOf(error) ?? 'error';
    throw new LandfallError('CONFIG_UNREADABLE', `cannot read ${path}: ${code}`, {
      cause: error,
      hint: 'Name a YAML or JSON file, or a folder of them; a relative path starts where cdk runs.',
    });
  }
}

/**
 * The documents of files and folders, as local/ and the command line read them, only that a construct cannot wait.
 * @throws LandfallError CONFIG_UNREADABLE where there is none, or two would have the same name in the bucket
 */
export function readAppDocuments(paths: readonly string[]): readonly AppDocument[] {
  const found = paths.flatMap(documentsAt);
  if (found.length === 0 && paths.length > 0) {
    throw new LandfallError('CONFIG_UNREADABLE', `found no *.yaml, *.yml or *.json in ${paths.join(', ')}`);
  }
  const byName = new Map<string, string>();
  for (const { file, name } of found) {
    const other = byName.get(name);
    if (other !== undefined) {
      throw new LandfallError(
        'CONFIG_UNREADABLE',
        `${other} and ${file} would both be ${name} in the bucket`,
        {
          hint: 'Name the folder above both of them, or rename one.',
        },
      );
    }
    byName.set(name, file);
  }
  return found
    .map(({ file, name, found }) => ({ ...decodeDocument(file, readFileSync(file)), name, found }))
    .filter(holdsDocuments);
}
