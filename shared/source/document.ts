import { LandfallError } from '../errors.ts';
import { readFiles } from './files.ts';
import { type KubernetesObject, kubernetesObject } from './flux/kinds.ts';
import { readKubernetesObjects } from './flux/read-objects.ts';
import { EMPTY_FRAGMENT, type Fragment } from './fragment.ts';
import { readLandfallDocument } from './landfall-document.ts';
import { merge } from './merge.ts';
import { inOrder, problemsError } from './problem.ts';
import type { Configuration } from './source.ts';
import { readDocuments, type YamlDocument, type YamlFile } from './yaml-document.ts';

const isEmpty = ({ value }: YamlDocument): boolean => value === null || value === undefined;

/** What each document of the files adds, or what is wrong with it. Never throws. */
export function readFragments(files: readonly YamlFile[]): readonly Fragment[] {
  const objects: KubernetesObject[] = [];
  // File by file, so that 10,000 sources need the memory of one file's syntax tree.
  const own = files.flatMap((file): readonly Fragment[] => {
    const { documents, problems } = readDocuments(file);
    const fragments = documents.flatMap((document) => {
      if (isEmpty(document)) return [];
      const object = kubernetesObject(document);
      if (object === undefined) return [readLandfallDocument(document)];
      objects.push(object);
      return [];
    });
    return [{ ...EMPTY_FRAGMENT, problems }, ...fragments];
  });
  return [...own, ...readKubernetesObjects(objects)];
}

/**
 * One configuration of all documents, checked, with every default filled in. Pure.
 * @throws LandfallError CONFIG_INVALID (NOT_SUPPORTED where that is all) that lists every problem of every file
 */
export function parseDocuments(files: readonly YamlFile[]): Configuration {
  const { configuration, problems } = merge(readFragments(files));
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
