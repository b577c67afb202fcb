import { formatSourceId } from '../model/ids.ts';
import { composedProblems } from './composed/composed-problems.ts';
import type { DeployEntry } from './deploy-entry.ts';
import { withDependencies } from './deploys/deploy-members.ts';
import { awaitedElsewhere, ringsOfDeploys } from './deploys/deploy-order.ts';
import { sharedTargets } from './deploys/shared-targets.ts';
import type { Fragment, Placed } from './fragment.ts';
import { nearest } from './nearest.ts';
import { formatPlace, type Problem, problemAt } from './problem.ts';
import type { Configuration, Source } from './source.ts';

/** Names both places of every name that is taken twice. */
function duplicates<T>(
  what: string,
  entries: readonly Placed<T>[],
  idOf: (entry: T) => string,
): readonly Problem[] {
  const first = new Map<string, Placed<T>>();
  return entries.flatMap((placed) => {
    const id = idOf(placed.entry);
    const earlier = first.get(id);
    if (earlier !== undefined) {
      return [problemAt(placed, `${what} ${id} is already defined at ${formatPlace(earlier.place)}`)];
    }
    first.set(id, placed);
    return [];
  });
}

const isLiteral = (glob: string): boolean => !/[*?[{\\]/.test(glob);

/** A deploy that names a source which is not there would wait for ever. */
export function strayDeploys(
  deploys: readonly Placed<DeployEntry>[],
  sources: readonly Placed<Source>[],
): readonly Problem[] {
  const ids = sources.map(({ entry }) => formatSourceId(entry));
  return deploys.flatMap((placed) => {
    const { source, uses = [] } = placed.entry;
    return [source, ...uses].flatMap((each) => {
      if (!isLiteral(each) || ids.includes(each)) return [];
      const near = nearest(each, ids);
      const meant = near === undefined ? '' : `; did you mean "${near}"?`;
      return [problemAt(placed, `source "${each}" is not in these documents${meant}`)];
    });
  });
}

/** All fragments as one configuration, in their order, and what only shows once they are together. */
export function merge(fragments: readonly Fragment[]): {
  readonly configuration: Configuration;
  readonly problems: readonly Problem[];
} {
  const sources = fragments.flatMap((fragment) => fragment.sources);
  const receivers = fragments.flatMap((fragment) => fragment.receivers);
  const deploys = fragments.flatMap((fragment) => fragment.deploys);
  const notify = fragments.flatMap((fragment) => fragment.notify);
  const own = fragments.flatMap(({ problems }) => problems);
  const problems = [
    ...own,
    ...duplicates('source', sources, formatSourceId),
    ...duplicates('receiver', receivers, ({ name }) => name),
    ...duplicates('deploy', deploys, ({ name }) => name),
    ...duplicates('notify', notify, ({ name }) => name),
    ...composedProblems(sources, { isWhole: own.length === 0 }).values(),
    // A source that was refused is missing here, which is not the deploy's fault.
    ...(own.length === 0
      ? [
          ...strayDeploys(deploys, sources),
          ...ringsOfDeploys(deploys),
          ...sharedTargets(deploys).map(({ problem }) => problem),
        ]
      : []),
  ];
  const configuration = {
    sources: sources.map(({ entry }) => entry),
    credentials: fragments.flatMap(({ credentials }) => credentials),
    receivers: receivers.map(({ entry }) => entry),
    deploys: withDependencies(deploys.map(({ entry }) => entry)),
    notify: notify.map(({ entry }) => entry),
    notices: [...fragments.flatMap(({ notices }) => notices), ...awaitedElsewhere(deploys)],
    stalled: [],
  };
  return { configuration, problems };
}
