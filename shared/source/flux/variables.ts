import { EMPTY_FRAGMENT, type Fragment } from '../fragment.ts';
import { isMap } from '../own-document.ts';
import { formatPlace } from '../problem.ts';
import type { YamlDocument } from '../yaml-document.ts';

/** Values that are looked through. */
const VALUES = 10_000;

/** The first `${NAME}` in an object, which Flux's postBuild fills in. */
function variableIn(value: unknown): string | undefined {
  const left: unknown[] = [value];
  for (let seen = 0; seen < VALUES && left.length > 0; seen += 1) {
    const next = left.pop();
    if (typeof next === 'string') {
      const found = /\$\{[A-Za-z_][^}]{0,64}\}/.exec(next);
      if (found !== null) return found[0];
    }
    if (typeof next === 'object' && next !== null) left.push(...Object.values(next));
  }
  return undefined;
}

/** What of a document is filled in before Flux reads it, and never here. */
function unfilledIn({ value, isTemplate }: YamlDocument): string | undefined {
  if (isTemplate) return 'a template ({{ … }}), which somebody fills in';
  const { metadata, spec } = isMap(value) ? value : {};
  const name = isMap(metadata) ? metadata['name'] : undefined;
  const variable = variableIn([name, spec]);
  return variable === undefined
    ? undefined
    : `${variable}, which Flux's postBuild substitutes and Landfall does not`;
}

/**
 * What is wrong with an object that still has to be filled in is said as that; one that only lies in a folder is left
 * out, as it is no document yet.
 */
export function withUnfilled(fragment: Fragment, document: YamlDocument): Fragment {
  const [first] = fragment.problems;
  const unfilled = first === undefined ? undefined : unfilledIn(document);
  if (first === undefined || unfilled === undefined) return fragment;
  const message = `${first.path === '' ? '' : `${first.path}: `}${first.message}; the document holds ${unfilled}`;
  if (document.found)
    return { ...EMPTY_FRAGMENT, notices: [{ place: formatPlace(first), message: `${message}; left out` }] };
  const told = (problem: Fragment['problems'][number]) => ({
    ...problem,
    message: `${problem.message}; the document holds ${unfilled}`,
  });
  const problems = fragment.problems.map(told);
  return { ...fragment, problems, refused: fragment.refused.map((each) => ({ ...each, problems })) };
}
