import { LandfallError } from '../errors.ts';
import { readFiles } from './files.ts';
import { kubernetesObject } from './flux/kinds.ts';
import { readKubernetesObjects } from './flux/read-objects.ts';
import { EMPTY_FRAGMENT, type Fragment } from './fragment.ts';
import { readLandfallDocument } from './landfall-document.ts';
import { merge } from './merge.ts';
import { inOrder, problemsError } from './problem.ts';
import type { Configuration } from './source.ts';
import { readDocuments, type YamlDocument, type YamlFile } from './yaml-document.ts';

const isEmpty = ({ value }: YamlDocument): boolean => value === null || value === undefined;

/**
 * One configuration of all documents, checked, with every default filled in. Pure.
 * @throws LandfallError CONFIG_INVALID (NOT_SUPPORTED where that is all) that lists every problem of every file
 */
export function parseDocuments(files: readonly YamlFile[]): Configuration {
  const read = files.map(readDocuments);
  const documents = read.flatMap((file) => file.documents).filter((document) => !isEmpty(document));
  const objects = documents.map(kubernetesObject);
  const own = documents.filter((_, at) => objects[at] === undefined);
  const fragments: readonly Fragment[] = [
    { ...EMPTY_FRAGMENT, problems: read.flatMap(({ problems }) => problems) },
    ...own.map(readLandfallDocument),
    ...readKubernetesObjects(objects.filter((object) => object !== undefined)),
  ];
  const { configuration, problems } = merge(fragments);
  if (problems.length > 0) throw problemsError(inOrder(problems, files));
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
