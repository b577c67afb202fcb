import type { CredentialEntry } from '../../credentials/credential-entry.ts';
import type { NotifyEntry } from '../../notify/notify-entry.ts';
import type { DeployEntry } from '../deploy-entry.ts';
import type { Fragment, Placed, RefusedEntry, RefusedSource } from '../fragment.ts';
import type { Problem } from '../problem.ts';
import type { ReceiverEntry } from '../receiver-entry.ts';
import type { Source } from '../source.ts';
import type { YamlFile } from './yaml-document.ts';

/** What one file adds. */
export interface FileContent {
  readonly sources: readonly Source[];
  readonly credentials: readonly CredentialEntry[];
  readonly receivers: readonly ReceiverEntry[];
  readonly deploys: readonly DeployEntry[];
  readonly notify: readonly NotifyEntry[];
}

/** …and what is wrong in it. */
export interface ReadFile extends FileContent {
  readonly placed: readonly Placed<Source>[];
  readonly problems: readonly Problem[];
  readonly refused: readonly RefusedSource[];
  readonly refusedEntries: readonly RefusedEntry[];
  /** Something is wrong that no entry is known to be the only one to suffer from. */
  readonly isUnsure: boolean;
}

/** `landfall.yaml` of `landfall.yaml:4:5`. */
const fileOfOrigin = (origin: string | undefined): string => origin?.replace(/:\d+:\d+$/, '') ?? '';

/** The fragments of all files, sorted to the file each part came from. */
export function readByFile(
  files: readonly YamlFile[],
  fragments: readonly Fragment[],
): ReadonlyMap<string, ReadFile> {
  // One that refers to another file may be refused for what stands there.
  const known = new Set(
    fragments.flatMap(({ refused, refusedEntries }) =>
      [...refused.filter(({ isOfFile }) => isOfFile !== true), ...refusedEntries].flatMap(
        (each) => each.problems,
      ),
    ),
  );
  return new Map(
    files.map(({ file }) => {
      const isHere = ({ place }: Placed<unknown>): boolean => place.file === file;
      const entriesOf = <T>(all: readonly Placed<T>[]): readonly T[] =>
        all.filter(isHere).map(({ entry }) => entry);
      const placed = fragments.flatMap(({ sources }) => sources.filter(isHere));
      const problems = fragments.flatMap((each) => each.problems.filter((problem) => problem.file === file));
      return [
        file,
        {
          placed,
          sources: placed.map(({ entry }) => entry),
          credentials: fragments.flatMap(({ credentials }) =>
            credentials.filter(({ origin }) => fileOfOrigin(origin) === file),
          ),
          receivers: fragments.flatMap(({ receivers }) => entriesOf(receivers)),
          deploys: fragments.flatMap(({ deploys }) => entriesOf(deploys)),
          notify: fragments.flatMap(({ notify }) => entriesOf(notify)),
          problems,
          refused: fragments.flatMap(({ refused }) => refused.filter((each) => each.file === file)),
          refusedEntries: fragments.flatMap((each) =>
            each.refusedEntries.filter((entry) => entry.file === file),
          ),
          isUnsure: problems.some((problem) => !known.has(problem)),
        },
      ];
    }),
  );
}
