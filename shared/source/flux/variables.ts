import { isObject } from '../../kernel/json.ts';
import { FLUX_VALUES } from '../../limits.ts';
import { printableLine } from '../../printable.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { EMPTY_FRAGMENT, type Fragment } from '../fragment.ts';
import { formatPlace, type Problem } from '../problem.ts';

/** What Flux's postBuild fills in, and what Helm does. */
const UNFILLED = /\$\{[A-Za-z_][^}]{0,64}\}|\{\{[^}]{0,64}\}\}/;

function unfilledIn(value: unknown): string | undefined {
  const left: unknown[] = [value];
  for (let seen = 0; seen < FLUX_VALUES && left.length > 0; seen += 1) {
    const next = left.pop();
    const found = typeof next === 'string' ? UNFILLED.exec(next) : null;
    if (found !== null) return found[0];
    if (typeof next === 'object' && next !== null) left.push(...Object.values(next));
  }
  return undefined;
}

/** The value that a problem is about. */
function valueAt(root: unknown, path: string): unknown {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  return steps.reduce<unknown>((at, step) => {
    if (Array.isArray(at)) return at[Number(step)];
    return isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }, root);
}

/**
 * What is wrong only because somebody has yet to fill it in is said as that. An object that just lies in a folder, and
 * has nothing else wrong with it, is left out: it is no document yet.
 */
export function withUnfilled(fragment: Fragment, { value, found }: YamlDocument): Fragment {
  const told = fragment.problems.map((problem): readonly [Problem, boolean] => {
    const unfilled = problem.path === '' ? undefined : unfilledIn(valueAt(value, problem.path));
    if (unfilled === undefined) return [problem, false];
    const why = `it holds ${printableLine(unfilled)}, which is filled in (by Flux's postBuild, or Helm) and never by Landfall`;
    return [{ ...problem, message: `${problem.message}; ${why}` }, true];
  });
  const [first] = told;
  if (first === undefined || told.every(([, isUnfilled]) => !isUnfilled)) return fragment;
  if (found && told.every(([, isUnfilled]) => isUnfilled)) {
    const [{ path, message, ...place }] = first;
    return {
      ...EMPTY_FRAGMENT,
      notices: [{ place: formatPlace(place), message: `${path}: ${message}; left out` }],
    };
  }
  const problems = told.map(([problem]) => problem);
  return {
    ...fragment,
    problems,
    refused: fragment.refused.map((each) => ({ ...each, problems })),
    refusedEntries: fragment.refusedEntries.map((each) => ({ ...each, problems })),
  };
}
