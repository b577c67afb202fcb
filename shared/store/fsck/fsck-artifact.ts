import { asLandfallError, isLandfallError, type LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { eachOf } from '../../kernel/each-of.ts';
import { sumOf } from '../../kernel/read-bytes.ts';
import type { ArtifactRecord, FileEntry } from '../../model/artifact-record.ts';
import { byPlace } from '../../model/by-place.ts';
import { contentDigestOf } from '../../model/content-digest.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { storedFiles } from '../../model/packed.ts';
import { parseRecord } from '../commit-record.ts';
import { fileKey, filesPrefix, recordKey } from '../layout.ts';
import type { Store } from '../store.ts';
import type { FsckProblem } from './fsck-problem.ts';

const CONCURRENCY = 4;

/** Counts up while an artifact is read. */
export interface ArtifactCheck {
  readonly problems: readonly FsckProblem[];
  /** False where all that is wrong is that it could not be read by us, at this moment. */
  readonly isBroken: boolean;
  readonly files: number;
  readonly bytes: number;
}

type FilesChecked = Omit<ArtifactCheck, 'isBroken'>;

const MOMENTARY: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);

/** Whether it says nothing of the bytes: permissions, or descriptors that ran out. */
const isMomentary = ({ code, detail }: LandfallError): boolean =>
  code === 'STORE_DENIED' || MOMENTARY.has(detail['errno']);

const LOOK_AGAIN =
  'Give this user the right to read it, or raise the limit of open files; then run it again.';

const LAND_AGAIN = 'Run `landfall fsck --repair`, then `landfall reconcile`.';

const problem = (kind: FsckProblem['kind'], key: string, wanted: string, got: string): FsckProblem => ({
  kind,
  key,
  wanted,
  got,
  hint: LAND_AGAIN,
});

async function readFile(
  store: Store,
  id: ArtifactId,
  file: FileEntry,
  { signal }: CallOptions,
): Promise<{ readonly problem: FsckProblem | undefined; readonly bytes: number }> {
  const key = fileKey(id, file.path);
  const wanted = `${file.size} bytes`;
  try {
    const { size, sha256 } = await sumOf(await store.artifacts.open(id, file.path, { signal }));
    const found =
      size === file.size
        ? sha256 !== file.sha256 && problem('file-digest', key, file.sha256, sha256)
        : problem('file-size', key, wanted, `${size} bytes`);
    return { problem: found || undefined, bytes: size };
  } catch (error) {
    throwIfCancelled('fsck', signal);
    const failure = asLandfallError(error);
    const { code, message } = failure;
    if (isMomentary(failure))
      return { problem: { ...problem('file-denied', key, wanted, message), hint: LOOK_AGAIN }, bytes: 0 };
    const missing = code === 'ARTIFACT_NOT_FOUND';
    const kind = missing ? 'file-missing' : 'file-unreadable';
    return { problem: problem(kind, key, wanted, missing ? 'nothing' : message), bytes: 0 };
  }
}

async function checkFiles(
  store: Store,
  id: ArtifactId,
  files: readonly FileEntry[],
  { signal }: CallOptions,
): Promise<FilesChecked> {
  const problems: FsckProblem[] = [];
  let bytes = 0;
  await eachOf(files.toSorted(byPlace), { limit: CONCURRENCY, signal }, async (file) => {
    const read = await readFile(store, id, file, { signal });
    bytes += read.bytes;
    if (read.problem !== undefined) problems.push(read.problem);
  });
  return { problems, files: files.length, bytes };
}

async function extraFiles(
  { objects }: Store,
  id: ArtifactId,
  record: ArtifactRecord,
  options: CallOptions,
): Promise<readonly FsckProblem[]> {
  const listed = new Set(storedFiles(record).map(({ path }) => fileKey(id, path)));
  const extra: FsckProblem[] = [];
  for await (const key of objects.list(filesPrefix(id), options))
    if (!listed.has(key))
      extra.push(problem('file-extra', key, 'nothing', 'a file that the record does not list'));
  return extra;
}

function checkTotals(id: ArtifactId, record: ArtifactRecord): readonly FsckProblem[] {
  const key = recordKey(id);
  // Where nothing was unpacked the manifest is the content.
  const isFollowed = record.files.length === 0 && record.contentDigest === record.digest;
  const content = isFollowed ? record.digest : contentDigestOf(record.files, record.links, record.folders);
  const size = record.files.reduce((sum, file) => sum + file.size, 0);
  return [
    ...(content === record.contentDigest
      ? []
      : [problem('content-digest', key, record.contentDigest, content)]),
    ...(size === record.size ? [] : [problem('record-size', key, `${record.size} bytes`, `${size} bytes`)]),
  ];
}

/** Reads every byte of one artifact against its record; undefined if it is gone meanwhile. */
export async function checkArtifact(
  store: Store,
  id: ArtifactId,
  options: CallOptions,
): Promise<ArtifactCheck | undefined> {
  let record: ArtifactRecord;
  try {
    const stored = await store.objects.get(recordKey(id), options);
    if (stored === undefined) return undefined;
    record = parseRecord(stored.bytes, id);
  } catch (error) {
    throwIfCancelled('fsck', options.signal);
    if (!isLandfallError(error) || error.code === 'STORE_VERSION') throw error;
    const isBroken = error.code === 'STORE_CORRUPT';
    const kind = isBroken ? 'record-invalid' : 'record-unreadable';
    const found = problem(kind, recordKey(id), 'a commit record', error.message);
    return { problems: [isBroken ? found : { ...found, hint: LOOK_AGAIN }], isBroken, files: 0, bytes: 0 };
  }
  const read = await checkFiles(store, id, record.files, options);
  const extra = await extraFiles(store, id, record, options);
  const problems = [...checkTotals(id, record), ...read.problems, ...extra];
  return { ...read, problems, isBroken: problems.some(({ kind }) => kind !== 'file-denied') };
}
