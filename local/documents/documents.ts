import { readDocumentFiles } from '../../shared/source/document.ts';
import type { YamlFile } from '../../shared/source/file/yaml-document.ts';
import {
  configurationInForce,
  type DocumentsInForce,
  documentsInForce,
} from '../../shared/source/in-force.ts';
import { problemsError } from '../../shared/source/problem.ts';
import type { Configuration } from '../../shared/source/source.ts';
import { stampsOf } from './document-stamps.ts';

/** Documents as they were read, and what of them is in force. */
export interface LoadedDocuments {
  readonly inForce: DocumentsInForce;
  readonly configuration: Configuration;
  /** Of the files before they were read: what changes while they are is seen at the next look. */
  readonly stamps: string;
}

/** A document that was named is refused whole; one of a folder stalls its source, where that is all it does. */
function isRefused(
  { problems, isUnsure }: DocumentsInForce,
  { sources }: Configuration,
  files: readonly YamlFile[],
): boolean {
  if (problems.length === 0) return false;
  const found = new Set(files.filter((file) => file.found === true).map(({ file }) => file));
  return isUnsure || sources.length === 0 || problems.some(({ file }) => !found.has(file));
}

/**
 * Reads documents for the first time.
 * @throws LandfallError CONFIG_UNREADABLE, CONFIG_INVALID, NOT_SUPPORTED with every problem
 */
export async function loadDocuments(paths: readonly string[]): Promise<LoadedDocuments> {
  const stamps = await stampsOf(paths);
  const files = await readDocumentFiles(paths);
  const inForce = documentsInForce(files);
  const configuration = configurationInForce(inForce);
  if (isRefused(inForce, configuration, files)) throw problemsError(inForce.problems);
  return { inForce, configuration, stamps };
}

/** Reads them again: whatever is wrong now stalls its sources. @throws LandfallError CONFIG_UNREADABLE */
export async function reloadDocuments(
  paths: readonly string[],
  before: LoadedDocuments,
): Promise<LoadedDocuments> {
  const stamps = await stampsOf(paths);
  const inForce = documentsInForce(await readDocumentFiles(paths), before.inForce);
  return { inForce, configuration: configurationInForce(inForce), stamps };
}
