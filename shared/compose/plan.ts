import { LandfallError } from '../errors.ts';
import { inPathOrder } from '../kernel/byte-order.ts';
import type { Limits } from '../limits.ts';
import type { ArtifactRecord, FileEntry, LinkEntry } from '../model/artifact-record.ts';
import { byPlace } from '../model/by-place.ts';
import type { Composition, IncludedRevision } from '../model/composition.ts';
import { isExecutable } from '../model/content-digest.ts';
import type { ArtifactId } from '../model/ids.ts';
import { UnpackBudget } from '../unpack/budget.ts';
import { emptyFolders } from '../unpack/empty-folders.ts';
import { judgePath, quoteName } from '../unpack/entry-path.ts';
import { ClaimedNames } from './claimed-names.ts';
import { isUnder, movedPath } from './moved-path.ts';

/** A file of a part, and the path that it gets. */
export interface PlannedFile {
  readonly path: string;
  /** As the part's commit record lists it. */
  readonly entry: FileEntry;
  readonly artifact: ArtifactId;
  /** `namespace/name`. */
  readonly part: string;
}

/** In the order in which all are best read where parts are packed: one part after the other. */
export const inPartOrder = (files: readonly PlannedFile[]): readonly PlannedFile[] =>
  [...Map.groupBy(files, ({ part }) => part).values()].flatMap((each) =>
    each.toSorted((one, other) => byPlace(one.entry, other.entry)),
  );

/** All that a composed artifact has. */
export interface Plan {
  /** In byte order of path, like the links. */
  readonly files: readonly PlannedFile[];
  readonly links: readonly LinkEntry[];
  readonly folders: readonly string[];
}

export interface PlanRules extends Pick<Composition, 'onClash'> {
  readonly limits: Limits;
  /** Bytes of the key that the paths are stored under. */
  readonly prefixBytes: number;
}

/** A link's target is a path of the part: it moves along, and one that is not taken is outside. */
function movedLink(link: LinkEntry, path: string, move: IncludedRevision): LinkEntry {
  if (link.outside === true) return { ...link, path };
  const target = link.target === '' && move.from !== undefined ? undefined : movedPath(link.target, move);
  return target === undefined ? { path, target: link.target, outside: true } : { path, target };
}

const isSameFile = (one: FileEntry, other: FileEntry): boolean =>
  one.sha256 === other.sha256 && isExecutable(one.mode) === isExecutable(other.mode);

function clash(path: string, parts: readonly [string, string]): LandfallError {
  const [one, other] = parts;
  return new LandfallError(
    'COMPOSE_REFUSED',
    `${quoteName(path)} is in ${one} and, with other content, in ${other}`,
    { hint: 'Put one of them elsewhere (to), take less of it (from), or write onClash: last.' },
  );
}

const nothingThere = ({ source, revision, from }: IncludedRevision): LandfallError =>
  new LandfallError('COMPOSE_REFUSED', `${source} has no ${quoteName(from ?? '')} at ${revision}`, {
    hint: 'Correct `from`; `landfall get artifacts` and the commit record list what is there.',
  });

type Taken =
  | ({ readonly kind: 'file' } & PlannedFile)
  | { readonly kind: 'link'; readonly part: string; readonly path: string; readonly link: LinkEntry };

/** What one part adds, path by path. */
function* takenOf(part: IncludedRevision, { files, links }: ArtifactRecord): Generator<Taken> {
  const { source, digest, variant } = part;
  const artifact = { digest, variant };
  for (const entry of files) {
    const path = movedPath(entry.path, part);
    if (path !== undefined) yield { kind: 'file', path, entry, artifact, part: source };
  }
  for (const link of links) {
    const path = movedPath(link.path, part);
    if (path !== undefined) yield { kind: 'link', path, part: source, link: movedLink(link, path, part) };
  }
}

const isSame = (one: Taken, other: Taken): boolean =>
  one.kind === 'file' && other.kind === 'file'
    ? isSameFile(one.entry, other.entry)
    : one.kind === 'link' && other.kind === 'link' && one.link.target === other.link.target;

const foldersOf = (part: IncludedRevision, { folders = [] }: ArtifactRecord): readonly string[] =>
  folders.flatMap((folder) => {
    const path = movedPath(folder, part);
    return path === undefined || path === '' || folder === part.from ? [] : [path];
  });

/**
 * Puts the lists of the parts together, one part after the other, so that no more than one commit record is held at a time.
 * What has one path with the same content in two parts is there once. Pure: nothing is read or written.
 */
export class Planning {
  readonly #rules: PlanRules;
  readonly #budget: UnpackBudget;
  readonly #taken = new Map<string, Taken>();
  readonly #folders = new Map<string, string>();

  constructor(rules: PlanRules) {
    this.#rules = rules;
    this.#budget = new UnpackBudget(rules.limits);
  }

  /**
   * Adds what is taken of a part.
   * @throws LandfallError COMPOSE_REFUSED naming both parts, or a `from` that is not there; PATH_REFUSED, TOO_MANY_FILES
   */
  add(part: IncludedRevision, record: ArtifactRecord): void {
    const { from } = part;
    let isFound = from === undefined;
    for (const each of takenOf(part, record)) {
      isFound = true;
      this.#take(this.#judged(each.path), each);
    }
    for (const folder of foldersOf(part, record)) {
      this.#budget.takeEntry();
      this.#folders.set(this.#judged(folder), part.source);
    }
    isFound ||= from !== undefined && record.folders?.some((folder) => isUnder(folder, from)) === true;
    if (!isFound) throw nothingThere(part);
  }

  /** All of it. @throws LandfallError COMPOSE_REFUSED naming both parts, UNPACKED_TOO_LARGE */
  whole(): Plan {
    const names = new ClaimedNames();
    for (const [path, { part }] of this.#taken) names.claim(path, part);
    for (const [path, part] of this.#folders) names.claimFolder(path, part);
    const all = [...this.#taken.values()];
    const files = inPathOrder(all.filter((each) => each.kind === 'file'));
    for (const { entry } of files) this.#budget.takeBytes(entry.size);
    return {
      files,
      links: inPathOrder(all.filter((each) => each.kind === 'link').map(({ link }) => link)),
      folders: emptyFolders(new Set(this.#folders.keys()), this.#taken.keys()),
    };
  }

  #judged(path: string): string {
    return judgePath(path, this.#rules.limits, this.#rules.prefixBytes);
  }

  #take(path: string, taken: Taken): void {
    const before = this.#taken.get(path);
    if (before !== undefined && isSame(before, taken)) return;
    if (before !== undefined && this.#rules.onClash === 'refuse')
      throw clash(path, [before.part, taken.part]);
    if (before === undefined) this.#budget.takeEntry();
    if (before?.kind !== 'file' && taken.kind === 'file') this.#budget.takeFile();
    this.#taken.set(path, taken);
  }
}
