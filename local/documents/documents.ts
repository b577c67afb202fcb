import type { KnownClusters } from '../../shared/aws/known-clusters.ts';
import { asLandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { withFoundClusters } from '../../shared/source/clusters/found-clusters.ts';
import { isBlankText, readDocumentFiles } from '../../shared/source/document.ts';
import type { YamlFile } from '../../shared/source/file/yaml-document.ts';
import {
  configurationInForce,
  type DocumentsInForce,
  documentsInForce,
} from '../../shared/source/in-force.ts';
import { readPolicies, stalledWhole, underPolicies } from '../../shared/source/policy-document.ts';
import { problemsError } from '../../shared/source/problem.ts';
import type { Configuration } from '../../shared/source/source.ts';
import { stampsOf } from './document-stamps.ts';
import { forThisMachine, hasCluster } from './own-cluster.ts';

/** Documents as they were read, and what of them is in force. */
export interface LoadedDocuments {
  readonly inForce: DocumentsInForce;
  readonly configuration: Configuration;
  /** Of the files before they were read: what changes while they are is seen at the next look. */
  readonly stamps: string;
  /** Why the policies of the installation cannot be read; absent: they can. */
  readonly policyFault?: string;
  /** Why it is not known which clusters some deploys have; absent: it is. */
  readonly clusterFault?: string | undefined;
  /** Whether some of these may only not have been found yet. */
  readonly isUnsure?: boolean;
}

/** Where documents are, and policies of the installation. */
export interface DocumentPaths {
  readonly file: readonly string[];
  readonly policies?: readonly string[];
  /** What finds clusters of deploys by their tags; absent: such deploys are for none. */
  readonly clusters?: KnownClusters;
}

/** A cluster that comes changes what the documents mean here. */
const withClusterStamps = (files: string, { clusters }: DocumentPaths): string =>
  [files, hasCluster(process.env), clusters?.stamp()].join('\n');

const fileStamps = ({ file, policies = [] }: DocumentPaths): Promise<string> =>
  stampsOf([...file, ...policies]);

/** Changes with the documents and with the clusters they are for, which are looked up again where it is time. */
export async function stampsOfDocuments(paths: DocumentPaths): Promise<string> {
  paths.clusters?.renew();
  return withClusterStamps(await fileStamps(paths), paths);
}

/** A document that was named is refused whole; of a folder what is sound goes on, where anything is. */
function isRefused(
  { problems }: DocumentsInForce,
  { sources }: Configuration,
  files: readonly YamlFile[],
): boolean {
  if (problems.length === 0) return false;
  const found = new Set(files.filter((file) => file.found === true).map(({ file }) => file));
  return sources.length === 0 || problems.some(({ file }) => !found.has(file));
}

/**
 * Whether a document has nothing in it, or comments alone, that was named, or nothing is in any: one is being written, or was cut off, and what it
 * is to have is not known. A folder may well have empty files beside others.
 */
const isEmptied = (files: readonly YamlFile[], { sources, deploys }: Configuration): boolean =>
  files.some(
    ({ text, found }) => isBlankText(text) && (found !== true || sources.length + deploys.length === 0),
  );

const ownConfiguration = (inForce: DocumentsInForce): Configuration =>
  forThisMachine(configurationInForce(inForce), process.env);

/** The same, with a deploy for each cluster that is there. */
async function withClusters(
  configuration: Configuration,
  { clusters }: DocumentPaths,
  options: CallOptions = {},
): Promise<Pick<LoadedDocuments, 'configuration' | 'clusterFault' | 'isUnsure'>> {
  const { deploys } = configuration;
  await clusters?.look(deploys, options);
  const all = withFoundClusters(deploys, (entry) => clusters?.of(entry));
  return {
    configuration: { ...configuration, deploys: all },
    clusterFault: clusters?.fault(),
    isUnsure: clusters?.isUnsure() ?? false,
  };
}

/**
 * Reads documents for the first time.
 * @throws LandfallError CONFIG_UNREADABLE, CONFIG_INVALID, NOT_SUPPORTED with every problem; the signal's reason
 */
export async function loadDocuments(
  paths: DocumentPaths,
  options: CallOptions = {},
): Promise<LoadedDocuments> {
  const stamps = await fileStamps(paths);
  const policies = await readPolicies(paths.policies);
  const files = await readDocumentFiles(paths.file);
  const inForce = documentsInForce(files);
  const configuration = underPolicies(ownConfiguration(inForce), policies);
  if (isRefused(inForce, configuration, files)) throw problemsError(inForce.problems);
  const found = await withClusters(configuration, paths, options);
  const isUnsure = found.isUnsure === true || isEmptied(files, configuration);
  return { inForce, ...found, isUnsure, stamps: withClusterStamps(stamps, paths) };
}

/**
 * Reads them again: whatever is wrong now stalls its sources; policies that cannot be read stall all, as any of them
 * might let in what they keep out.
 * @throws LandfallError CONFIG_UNREADABLE
 */
export async function reloadDocuments(
  paths: DocumentPaths,
  before: LoadedDocuments,
): Promise<LoadedDocuments> {
  const stamps = await fileStamps(paths);
  const files = await readDocumentFiles(paths.file);
  const inForce = documentsInForce(files, before.inForce);
  const { configuration, ...found } = await withClusters(ownConfiguration(inForce), paths);
  const isUnsure = found.isUnsure === true || isEmptied(files, configuration);
  const read = { ...found, isUnsure, inForce, stamps: withClusterStamps(stamps, paths) };
  try {
    const policies = await readPolicies(paths.policies);
    return { ...read, configuration: underPolicies(configuration, policies) };
  } catch (error) {
    const { message } = asLandfallError(error);
    return { ...read, configuration: stalledWhole(configuration, message), policyFault: message };
  }
}
