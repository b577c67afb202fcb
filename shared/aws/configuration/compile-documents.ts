import { COMPILED_PROBLEMS } from '../../limits.ts';
import { formatSourceId } from '../../model/ids.ts';
import type { FileContent } from '../../source/file/read-file.ts';
import type { YamlFile } from '../../source/file/yaml-document.ts';
import { documentsInForce } from '../../source/in-force.ts';
import { formatProblem } from '../../source/problem.ts';
import { COMPILED_VERSION, type Compiled, type CompiledFile, EMPTY_COMPILED } from './compiled.ts';

const compiledOf = ({ sources, credentials, receivers, deploys, notify }: FileContent): CompiledFile => ({
  sources,
  credentials,
  receivers,
  deploys,
  notify,
});

/**
 * The configuration of the documents as they are now, where some may be refused: see {@link documentsInForce}.
 * `pending` is left as it was. Pure.
 */
export function compileDocuments(files: readonly YamlFile[], before: Compiled = EMPTY_COMPILED): Compiled {
  const earlier = new Map(Object.entries<FileContent>(before.files));
  const now = documentsInForce(files, { files: earlier });
  return {
    formatVersion: COMPILED_VERSION,
    files: Object.fromEntries([...now.files].map(([file, each]) => [file, compiledOf(each)])),
    stalled: now.stalled,
    problems: now.problems.slice(0, COMPILED_PROBLEMS).map(formatProblem),
    pending: before.pending,
  };
}

/** `namespace/name` of what a change made different: new, altered, stalled, or sound again. */
export function changedIds(before: Compiled, after: Compiled): readonly string[] {
  const facts = ({ files, stalled }: Compiled): ReadonlyMap<string, string> => {
    const all = new Map<string, string>();
    for (const source of Object.values(files).flatMap(({ sources }) => sources)) {
      all.set(formatSourceId(source), JSON.stringify(source));
    }
    for (const { message, ...id } of stalled) all.set(formatSourceId(id), `stalled: ${message}`);
    return all;
  };
  const earlier = facts(before);
  return [...facts(after)].flatMap(([id, fact]) => (earlier.get(id) === fact ? [] : [id]));
}
