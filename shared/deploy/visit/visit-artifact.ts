import { createHash } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import { eachOf } from '../../kernel/each-of.ts';
import { DEPLOY_FILE_BYTES } from '../../limits.ts';
import type { ArtifactRecord, FileEntry } from '../../model/artifact-record.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { artifactNotFound } from '../../store/artifact-not-found.ts';
import { fileKey, recordKey } from '../../store/layout.ts';
import type { ArtifactLocation, DeployArtifact } from '../kit/deploy-context.ts';
import type { DeployStore } from './deployer.ts';

export interface ArtifactRequest {
  readonly deploy: string;
  readonly id: ArtifactId;
  readonly path: string | undefined;
  readonly location: ArtifactLocation;
  readonly signal: AbortSignal;
}

/** Files that are read at the same time. */
const CHECKS = 4;

const refused = (deploy: string, why: string, hint: string): LandfallError =>
  new LandfallError('DEPLOY_FAILED', `deploy ${deploy}: ${why}`, { hint });

const nearestTo = (files: readonly FileEntry[]): string =>
  files
    .slice(0, 10)
    .map(({ path }) => path)
    .join(', ') || 'nothing';

/** Passes on the bytes of one file, and throws at their end where they are not what the commit record says. */
async function* checkedChunks(
  { deploy, id, path: folder, signal }: ArtifactRequest,
  file: FileEntry,
  { artifacts }: Pick<DeployStore, 'artifacts'>,
): AsyncGenerator<Uint8Array> {
  const path = folder === undefined ? file.path : `${folder}/${file.path}`;
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of await artifacts.open(id, path, { signal })) {
    const bytes = chunk as Uint8Array;
    hash.update(bytes);
    size += bytes.byteLength;
    if (size > file.size) break;
    yield bytes;
  }
  const sha256 = hash.digest('hex');
  if (size === file.size && sha256 === file.sha256) return;
  throw new LandfallError(
    'STORE_CORRUPT',
    `deploy ${deploy}: ${fileKey(id, path)} has ${size} bytes with sha256 ${sha256}, its record ${file.size} with ${file.sha256}`,
    { hint: 'Repair the store: landfall fsck --repair.' },
  );
}

/** Of one folder, with paths below it. */
const filesUnder = (record: ArtifactRecord, path: string | undefined): readonly FileEntry[] =>
  path === undefined
    ? record.files
    : record.files
        .filter((file) => file.path.startsWith(`${path}/`))
        .map((file) => ({ ...file, path: file.path.slice(path.length + 1) }));

/**
 * What was collected would be deployed as nothing at all. It may come back: fsck and a reconcile land it again.
 * @throws LandfallError DEPLOY_UNAVAILABLE
 */
export function requireRecord(
  deploy: string,
  revision: string,
  record: ArtifactRecord | undefined,
): ArtifactRecord {
  if (record !== undefined) return record;
  throw new LandfallError(
    'DEPLOY_UNAVAILABLE',
    `deploy ${deploy}: the artifact of ${revision} is not in the store at the moment; what ran before goes on`,
    { hint: 'See: landfall fsck --repair, then landfall reconcile SOURCE lands it again.' },
  );
}

/**
 * A folder that is not there would be deployed as nothing at all.
 * @throws LandfallError DEPLOY_FAILED
 */
export function requireFolder(deploy: string, path: string, record: ArtifactRecord): void {
  if (record.files.some((file) => file.path.startsWith(`${path}/`))) return;
  const folders = new Set(record.files.map((file) => file.path.split('/', 1)[0] ?? ''));
  const there = [...folders].slice(0, 10).join(', ') || 'nothing';
  throw new LandfallError(
    'DEPLOY_FAILED',
    `deploy ${deploy}: path ${path} has no file in ${record.digest}; at its top: ${there}`,
    {
      hint: 'Correct the path of the deploy, or push an artifact that has it; what ran before goes on.',
    },
  );
}

/**
 * What a kind sees of an artifact.
 * @param record undefined: it is gone, as it may be while something of it is under way; then it has no file
 */
export function visitArtifact(
  request: ArtifactRequest,
  record: ArtifactRecord | undefined,
  store: Pick<DeployStore, 'artifacts'>,
): DeployArtifact {
  const { deploy, id, path, location, signal } = request;
  const files = record === undefined ? [] : filesUnder(record, path);
  const fileAt = (wanted: string): FileEntry => {
    if (record === undefined) throw artifactNotFound(recordKey(id));
    const file = files.find((each) => each.path === wanted);
    if (file !== undefined) return file;
    const there = `${wanted} is not in the artifact${path === undefined ? '' : ` below ${path}`}`;
    const hint = `Correct the deploy, or push an artifact that has it; there is: ${nearestTo(files)}`;
    throw refused(deploy, there, hint);
  };
  const check = async (wanted: string): Promise<void> => {
    for await (const _ of checkedChunks(request, fileAt(wanted), store));
  };
  return {
    files,
    location,
    record: record ?? goneRecord(id),
    read: async (wanted, maximum = DEPLOY_FILE_BYTES) => {
      const file = fileAt(wanted);
      if (file.size > maximum) {
        const why = `${wanted} has ${file.size} bytes, wanted at most ${maximum}`;
        throw refused(deploy, why, 'Make it smaller, or leave out of it what is not needed.');
      }
      return Buffer.concat(await Array.fromAsync(checkedChunks(request, file, store)));
    },
    check,
    checkAll: async () => {
      // Loaded by who sends somebody to a folder, which no function does.
      const { filesToCheck } = await import('./files-to-check.ts');
      const written = await filesToCheck(location, files, { signal });
      await eachOf(written, { limit: CHECKS, signal }, ({ path: each }) => check(each));
    },
  };
}

/** Of an artifact that is gone: it has no file. */
export const goneRecord = ({ digest, variant }: ArtifactId): ArtifactRecord => ({
  formatVersion: 1,
  digest,
  variant,
  manifest: digest,
  mediaType: '',
  artifactType: null,
  annotations: {},
  contentDigest: digest,
  size: 0,
  layers: [],
  files: [],
  links: [],
});
