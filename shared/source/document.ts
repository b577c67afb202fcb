import { LandfallError } from '../errors.ts';
import { readFiles } from './files.ts';
import { EMPTY_FRAGMENT, type Fragment } from './fragment.ts';
import { readLandfallDocument } from './landfall-document.ts';
import { merge } from './merge.ts';
import { problemsError } from './problem.ts';
import type { Configuration } from './source.ts';
import { readDocuments, type YamlDocument, type YamlFile } from './yaml-document.ts';

const isEmpty = ({ value }: YamlDocument): boolean => value === null || value === undefined;

/**
 * One configuration of all documents, checked, with every default filled in. Pure.
 * @throws LandfallError CONFIG_INVALID (NOT_SUPPORTED where that is all) that lists every problem of every file
 */
export function parseDocuments(files: readonly YamlFile[]): Configuration {
  const fragments = files.flatMap((file): readonly Fragment[] => {
    const { documents, problems } = readDocuments(file);
    const read = documents.filter((document) => !isEmpty(document)).map(readLandfallDocument);
    return [{ ...EMPTY_FRAGMENT, problems }, ...read];
  });
  const { configuration, problems } = merge(fragments);
  if (problems.length > 0) throw problemsError(problems);
  return configuration;
}

/**
 * Loads files and folders (`*.yaml`, `*.yml`, `*.json`, recursively).
 * @throws LandfallError CONFIG_UNREADABLE, and what {@link parseDocuments} throws
 */
export async function loadConfiguration(paths: readonly string[]): Promise<Configuration> {
  const files = await readFiles(paths);
  if (files.length > 0) return parseDocuments(files);
  throw new LandfallError(
    'CONFIG_UNREADABLE',
    `found no *.yaml, *.yml or *.json in ${paths.join(', ') || 'no path'}`,
  );
}
