import { type InstallationPolicy, withPolicies } from '../verify/policy/installation-policy.ts';
import { composedOf } from './composed/composed.ts';
import { readDocumentFiles } from './document.ts';
import { readDocuments, type YamlDocument, type YamlFile } from './file/yaml-document.ts';
import { problemsOf } from './issue.ts';
import { inOrder, type Problem, problemsError } from './problem.ts';
import { schemaKeys } from './schema/json-schema.ts';
import { policiesSchema } from './schema/schema-policies.ts';
import type { Configuration, Source } from './source.ts';
import { toVerify } from './verify-entry.ts';

interface Read {
  readonly policies: readonly InstallationPolicy[];
  readonly problems: readonly Problem[];
}

function readOne(document: YamlDocument): Read {
  const result = policiesSchema.safeParse(document.value);
  if (!result.success) {
    const keys = schemaKeys(policiesSchema);
    return {
      policies: [],
      problems: result.error.issues.flatMap((issue) => problemsOf(issue, document, keys)),
    };
  }
  const { policies } = result.data;
  return {
    policies: policies.map(({ verify, ...policy }) => ({
      ...policy,
      verify: toVerify(verify, document.file),
    })),
    problems: [],
  };
}

const empty = ({ file }: YamlFile): Problem => ({
  file,
  line: 1,
  column: 1,
  path: '',
  message: 'is empty: wanted policies',
  code: 'CONFIG_INVALID',
});

function readFile(file: YamlFile): readonly Read[] {
  const { documents, problems } = readDocuments(file);
  const isBlank = documents.length + problems.length === 0;
  return [{ policies: [], problems: isBlank ? [empty(file)] : problems }, ...documents.map(readOne)];
}

/**
 * The policies of an installation. One that is wrong has all refused: without it something would land that it keeps out.
 * @throws LandfallError CONFIG_INVALID, NOT_SUPPORTED with file, line and key of every problem
 */
export function parsePolicies(files: readonly YamlFile[]): readonly InstallationPolicy[] {
  const read = files.flatMap(readFile);
  const problems = read.flatMap((each) => each.problems);
  if (problems.length > 0) throw problemsError(inOrder(problems, files));
  return read.flatMap(({ policies }) => policies);
}

export { withPolicies } from '../verify/policy/installation-policy.ts';
export { composedOf } from './composed/composed.ts';

/**
 * Reads the policies of the installation of files and folders.
 * @throws LandfallError CONFIG_UNREADABLE, CONFIG_INVALID, NOT_SUPPORTED
 */
export const readPolicies = async (paths: readonly string[] = []): Promise<readonly InstallationPolicy[]> =>
  paths.length === 0 ? [] : parsePolicies(await readDocumentFiles(paths));

/** A configuration whose sources have to meet the policies of the installation, too. */
export const underPolicies = (
  configuration: Configuration,
  policies: readonly InstallationPolicy[],
): Configuration => {
  const { sources, waiting } = configuration;
  const above = composedOf([...sources, ...(waiting ?? [])]);
  const held = (source: Source): Source => withPolicies(source, policies, above);
  return {
    ...configuration,
    sources: sources.map(held),
    ...(waiting !== undefined && { waiting: waiting.map(held) }),
  };
};

/** No source is looked at: it is not known what all of them have to meet. */
export const stalledWhole = (configuration: Configuration, message: string): Configuration => ({
  ...configuration,
  sources: [],
  stalled: [
    ...configuration.stalled,
    ...configuration.sources.map(({ namespace, name, url }) => ({ namespace, name, url, message })),
  ],
});
