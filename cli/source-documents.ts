import { LandfallError } from '../shared/errors.ts';
import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import { readDocumentFiles } from '../shared/source/document.ts';
import { configurationInForce, documentsInForce } from '../shared/source/in-force.ts';
import { readPolicies, underPolicies } from '../shared/source/policy-document.ts';
import { formatProblem, problemsError } from '../shared/source/problem.ts';
import type { Configuration, Source } from '../shared/source/source.ts';
import { type Terminal, writeLine } from './terminal/terminal.ts';

/** Characters of the names that are there. */
const LISTED = 512;

/** A source of documents, with the rest of them. */
export interface FoundSource {
  readonly configuration: Configuration;
  /** Undefined where no document has it. */
  readonly source: Source | undefined;
}

/** That no document has a source; what was meant, where one namespace alone has that name. */
export function noSource(id: SourceId, paths: readonly string[], { sources }: Configuration): LandfallError {
  const there = sources.map(formatSourceId).join(', ').slice(0, LISTED) || 'none';
  const [alike, ...others] = sources.filter(({ name }) => name === id.name);
  const guess = alike === undefined || others.length > 0 ? '' : `Did you mean ${formatSourceId(alike)}? `;
  const message = `no source ${formatSourceId(id)} in ${paths.join(', ')}; there are: ${there}`;
  return new LandfallError('USAGE', message, {
    hint: `${guess}Name one of those, as namespace/name, or give -f the document that it is in.`,
  });
}

/** Looks sources of documents up by their name. */
export const sourceIn =
  ({ sources, waiting = [] }: Pick<Configuration, 'sources' | 'waiting'>) =>
  (id: SourceId): Source | undefined =>
    [...sources, ...waiting].find((each) => formatSourceId(each) === formatSourceId(id));

/**
 * Finds a source for a command that is about it alone: what is wrong with others is told, and does not stop it.
 * @throws LandfallError CONFIG_UNREADABLE; CONFIG_INVALID, NOT_SUPPORTED of the source, or where it is not known whose
 */
export async function findSource(
  id: SourceId,
  { file: paths, policies }: { readonly file: readonly string[]; readonly policies: readonly string[] },
  { stderr }: Pick<Terminal, 'stderr'>,
): Promise<FoundSource> {
  const inForce = documentsInForce(await readDocumentFiles(paths));
  const isIt = (other: SourceId): boolean => formatSourceId(other) === formatSourceId(id);
  const stalled = inForce.stalled.find(isIt);
  if (stalled !== undefined) {
    throw new LandfallError(stalled.code ?? 'CONFIG_INVALID', stalled.message, {
      hint: 'Correct the document and run landfall validate.',
    });
  }
  const configuration = underPolicies(configurationInForce(inForce), await readPolicies(policies));
  const source = configuration.sources.find(isIt);
  if (source === undefined && inForce.isUnsure) throw problemsError(inForce.problems);
  for (const problem of inForce.problems)
    writeLine(stderr, `note: not of this source: ${formatProblem(problem)}`);
  return { configuration, source };
}
