import { systemClock } from '../../clock.ts';
import { isLandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import type { ArtifactId, SourceId } from '../../model/ids.ts';
import type { Status } from '../../model/status.ts';
import { foreignKeys } from '../foreign-keys.ts';
import { artifactPrefix, recordKey, statusKey } from '../layout.ts';
import { revisionsOf } from '../retention/references.ts';
import { listSources, readStatus, type StatusChange, updateStatus } from '../status-store.ts';
import type { Store } from '../store.ts';
import { checkArtifact } from './fsck-artifact.ts';
import { type CheckedDocuments, checkKeptDocuments } from './fsck-documents.ts';
import { type FsckProblem, PROBLEMS_KEPT, ProblemList } from './fsck-problem.ts';

interface FsckProgress {
  readonly artifacts: number;
  readonly files: number;
  readonly bytes: number;
}

export interface FsckOptions extends CallOptions {
  /** Removes broken artifacts, and has the next reconcile land again what was current. */
  readonly repair?: boolean;
  /** What the store keeps beside artifacts and statuses. */
  readonly documents?: readonly CheckedDocuments[];
  /** What is wrong beside the store's keys: with the log of events, the inbox. */
  readonly beside?: () => Promise<readonly FsckProblem[]>;
  /** Called after each artifact. */
  readonly onProgress?: (progress: FsckProgress) => void;
}

export interface FsckReport extends FsckProgress {
  readonly ok: boolean;
  readonly sources: number;
  /** At most {@link PROBLEMS_KEPT}; `problemsTotal` counts all. */
  readonly problems: readonly FsckProblem[];
  readonly problemsTotal: number;
  /** Of all, those that `repair` does nothing about. */
  readonly forPerson: number;
  /** Keys that are none of a store's, which all commands pass over; at most {@link PROBLEMS_KEPT}. No problem. */
  readonly foreign: readonly string[];
  readonly foreignTotal: number;
  /** Artifacts that were removed. */
  readonly repaired: readonly ArtifactId[];
  /** With `repair`: what statuses name and the store has not, which the next reconcile of each source lands again. */
  readonly toLand: readonly NamedRevision[];
}

/** A revision that a status names. */
export interface NamedRevision extends SourceId, ArtifactId {
  readonly revision: string;
  readonly isCurrent: boolean;
}

interface ArtifactsChecked extends FsckProgress {
  readonly broken: readonly ArtifactId[];
  /** Prefixes of all that are there, in whatever state. */
  readonly known: ReadonlySet<string>;
}

async function checkArtifacts(
  store: Store,
  problems: ProblemList,
  { onProgress, signal }: Pick<FsckOptions, 'onProgress' | 'signal'>,
): Promise<ArtifactsChecked> {
  const broken: ArtifactId[] = [];
  const known = new Set<string>();
  let progress: FsckProgress = { artifacts: 0, files: 0, bytes: 0 };
  for await (const id of store.artifacts.list({ signal })) {
    const check = await checkArtifact(store, id, { signal });
    if (check === undefined) continue;
    known.add(artifactPrefix(id));
    if (check.isBroken) broken.push(id);
    problems.add(check.problems);
    const { artifacts, files, bytes } = progress;
    progress = { artifacts: artifacts + 1, files: files + check.files, bytes: bytes + check.bytes };
    onProgress?.(progress);
  }
  return { ...progress, broken, known };
}

const statusProblem = (
  id: SourceId,
  kind: FsckProblem['kind'],
  wanted: string,
  got: string,
  hint: string,
): FsckProblem => ({
  kind,
  key: statusKey(id),
  wanted,
  got,
  hint,
});

async function isCommitted({ objects }: Store, id: ArtifactId, options: CallOptions): Promise<boolean> {
  return (await objects.get(recordKey(id), options)) !== undefined;
}

interface Checking extends CallOptions {
  readonly known: ReadonlySet<string>;
}

/** I2. An artifact committed since the listing began is looked up again. */
async function checkNamed(
  store: Store,
  id: SourceId,
  status: Status,
  { known, signal }: Checking,
): Promise<readonly FsckProblem[]> {
  const problems: FsckProblem[] = [];
  for (const named of revisionsOf(status)) {
    if (known.has(artifactPrefix(named)) || (await isCommitted(store, named, { signal }))) continue;
    const what = named === status.current ? 'current' : 'history';
    problems.push(
      statusProblem(
        id,
        'status-names-missing',
        `${recordKey(named)}, named in ${what}`,
        'nothing',
        'Run `landfall fsck --repair`, then `landfall reconcile`: it is landed again by its digest, if the registry still has it.',
      ),
    );
  }
  return problems;
}

async function checkSource(store: Store, id: SourceId, checking: Checking): Promise<readonly FsckProblem[]> {
  try {
    const stored = await readStatus(store.objects, id, { signal: checking.signal });
    return stored === undefined ? [] : await checkNamed(store, id, stored.status, checking);
  } catch (error) {
    throwIfCancelled('fsck', checking.signal);
    if (!isLandfallError(error) || error.code === 'STORE_VERSION') throw error;
    return [statusProblem(id, 'status-invalid', 'a status', error.message, error.hint ?? 'Restore it.')];
  }
}

/**
 * The status as the next reconcile should find it: what it names stays named, and an empty spec digest makes that reconcile
 * with fresh eyes and land again, by digest, what is gone.
 */
const toLandAgain = (status: Status, isThere: (id: ArtifactId) => boolean): Status | undefined =>
  revisionsOf(status).every(isThere) ? undefined : { ...status, specDigest: '' };

async function repairStore(
  store: Store,
  broken: readonly ArtifactId[],
  { signal }: CallOptions,
): Promise<readonly NamedRevision[]> {
  const toLand: NamedRevision[] = [];
  for (const id of broken) await store.artifacts.remove(id, { signal });
  const committed = new Set<string>();
  for await (const id of store.artifacts.list({ signal })) committed.add(artifactPrefix(id));
  const isCommitted = (id: ArtifactId): boolean => committed.has(artifactPrefix(id));
  const change: StatusChange = (status) => status && toLandAgain(status, isCommitted);
  for await (const id of listSources(store.objects, { signal })) {
    try {
      const status = await updateStatus(store.objects, id, change, { clock: systemClock, signal });
      if (status !== undefined) toLand.push(...missingIn(status, isCommitted));
    } catch (error) {
      // A status that cannot be read was reported, with its own hint: only a person can tell what it should say.
      if (!isLandfallError(error) || error.code !== 'STORE_CORRUPT') throw error;
    }
  }
  return toLand;
}

async function foreignIn(
  { objects }: Store,
  options: CallOptions,
): Promise<Pick<FsckReport, 'foreign' | 'foreignTotal'>> {
  const foreign: string[] = [];
  let foreignTotal = 0;
  for await (const key of foreignKeys(objects, options))
    if (++foreignTotal <= PROBLEMS_KEPT) foreign.push(key);
  return { foreign, foreignTotal };
}

const missingIn = (status: Status, isThere: (id: ArtifactId) => boolean): readonly NamedRevision[] => {
  const { namespace, name, current, history } = status;
  return (current === null ? history : [current, ...history])
    .filter((revision) => !isThere(revision))
    .map((each) => {
      const { revision, digest, variant } = each;
      return { namespace, name, revision, digest, variant, isCurrent: each === current };
    });
};

/**
 * Reads the whole store against its records: every file's presence, size and sha256, content digests, files that no
 * record lists, statuses that name what is not there, and the documents and files it is told of. After `repair` and a reconcile, a second run finds only what
 * a person must decide.
 * @throws LandfallError STORE_VERSION, and STORE_UNAVAILABLE, STORE_DENIED where a folder cannot be listed
 */
export async function fsck(
  store: Store,
  { repair = false, documents = [], beside, onProgress, signal }: FsckOptions = {},
): Promise<FsckReport> {
  const problems = new ProblemList();
  const checked = await checkArtifacts(store, problems, { signal, ...(onProgress && { onProgress }) });
  let sources = 0;
  for await (const id of listSources(store.objects, { signal })) {
    sources += 1;
    problems.add(await checkSource(store, id, { known: checked.known, signal }));
  }
  for (const checkedKind of documents) problems.add(await checkKeptDocuments(store, checkedKind, { signal }));
  if (beside !== undefined) problems.add(await beside());
  const foreign = await foreignIn(store, { signal });
  const toLand =
    repair && problems.total > problems.forPerson ? await repairStore(store, checked.broken, { signal }) : [];
  const { artifacts, files, bytes, broken } = checked;
  return {
    ok: problems.total === 0,
    artifacts,
    files,
    bytes,
    sources,
    problems: problems.first,
    problemsTotal: problems.total,
    forPerson: problems.forPerson,
    ...foreign,
    repaired: repair ? broken : [],
    toLand,
  };
}
