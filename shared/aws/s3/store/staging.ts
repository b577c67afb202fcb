import { LandfallError } from '../../../errors.ts';
import { abortable } from '../../../kernel/abortable.ts';
import type { CallOptions } from '../../../kernel/call-options.ts';
import { throwIfCancelled } from '../../../kernel/cancelled.ts';
import { eachOf } from '../../../kernel/each-of.ts';
import { MiB } from '../../../limits.ts';
import type { ArtifactRecord } from '../../../model/artifact-record.ts';
import type { ArtifactFile, FileWriter, Staging } from '../../../model/artifact-store.ts';
import type { ArtifactId } from '../../../model/ids.ts';
import { checkRecord } from '../../../store/check-record.ts';
import { ClaimedPaths } from '../../../store/claimed-paths.ts';
import { formatRecord } from '../../../store/commit-record.ts';
import { fileKey, filesPrefix, recordKey } from '../../../store/layout.ts';
import { isUndisturbed, type Lease, releaseQuietly } from '../lease.ts';
import { MultipartUpload, PART_BYTES } from '../multipart.ts';
import { putIfAbsent } from '../object-store.ts';
import { headObject } from '../read.ts';
import { type Claim, claimArtifact, contestedError } from './claim.ts';
import { clearAway, clearUnlisted } from './clear.ts';
import { type Placement, placeCopy, placeLarge, placeSmall, placeTaken, tidy } from './placement.ts';
import type { S3Spent } from './spent.ts';
import { LargeFile, Slab, SmallFile } from './staged-file.ts';
import { UploadQueue } from './upload-queue.ts';

/** Small files kept until the artifact is proven; beyond it they are put while it is still being read, as packs are at once. */
export const HOLD_BYTES = 32 * MiB;
const SMALL_REQUESTS = 64;
/** Parts of large files on their way. */
const PARTS_BYTES = 3 * PART_BYTES;
const PART_REQUESTS = 3;
/** Copies under way: S3 makes them, and nothing of them is here. */
const COPIES = 64;

const notStaged = (path: string): LandfallError =>
  new LandfallError('INTERNAL', `staging: ${path} is not there to be copied`);

export interface S3StagingOptions {
  /** Bytes of small files kept in memory while an artifact is read. Default of the store: {@link HOLD_BYTES}. */
  readonly holdBytes: number;
  /** Called after each commit with what the files took. */
  readonly onStored?: ((id: ArtifactId, spent: S3Spent) => void) | undefined;
}

/**
 * An artifact on its way into a bucket. Small files wait in memory, large ones in multipart uploads, so that as a rule
 * nothing is under a visible key until all of it is proven and `commit` is called; an artifact with more small files
 * than fit has some there early, without a record. So has one whose files are packs: nobody finds a file in a pack
 * without the record.
 */
export class S3Staging implements Staging {
  readonly #placement: Placement;
  readonly #onStored: S3StagingOptions['onStored'];
  readonly #slab = new Slab();
  readonly #paths = new ClaimedPaths();
  readonly #sums = new Map<string, string>();
  readonly #small: UploadQueue;
  readonly #parts = new UploadQueue({ bytes: PARTS_BYTES, concurrency: PART_REQUESTS });
  /** Bytes not sent yet. */
  readonly #held = new Map<string, Buffer>();
  readonly #large = new Map<string, MultipartUpload>();
  /** To where, from where; made last, within the bucket. */
  readonly #copies = new Map<string, string>();
  /** To where, which file of another artifact; made last, like the copies. */
  readonly #taken = new Map<string, ArtifactFile>();
  /** Sent, and taken back. */
  readonly #unwanted = new Set<string>();
  /** Sent, taken back, and come again with other content: kept unseen until what is there has been cleared away. */
  readonly #replaced = new Set<string>();
  /** Replaced files of no bytes, which no multipart upload can hold. */
  readonly #replacedEmpty = new Map<string, string>();
  #claim: Promise<Claim> | undefined;
  #copied = 0;
  #isOver = false;

  constructor(placement: Placement, { holdBytes, onStored }: S3StagingOptions) {
    this.#placement = placement;
    this.#onStored = onStored;
    this.#small = new UploadQueue({ bytes: holdBytes, concurrency: SMALL_REQUESTS });
    this.#parts.open();
  }

  /** Its three requests follow one another: begun before the first file, they go on while the artifact is fetched. */
  claim(): Promise<Claim> {
    const { root, id, signal } = this.#placement;
    this.#claim ??= claimArtifact(root, id, { signal });
    return this.#claim;
  }

  get spent(): S3Spent {
    const multipart = this.#placement.uploads.reduce((sum, { requests }) => sum + requests, 0);
    return { puts: this.#placement.puts, multipart, copies: this.#copied };
  }

  create(path: string, size: number): FileWriter | Promise<FileWriter> {
    throwIfCancelled('stage', this.#placement.signal);
    this.#take(path, size);
    const isLate = this.#replaced.has(path);
    if (isLate && size === 0)
      return new SmallFile(path, this.#slab.take(0), (_, sha256) => {
        this.#sums.set(path, sha256);
        this.#replacedEmpty.set(path, sha256);
      });
    if (isLate || size > PART_BYTES) return this.#createLarge(path, size);
    const writer = new SmallFile(path, this.#slab.take(size), (bytes, sha256) =>
      this.#addSmall(path, bytes, sha256),
    );
    return this.#small.hasRoom(size) ? writer : this.#makeRoom(size).then(() => writer);
  }

  async copy(from: string, to: string): Promise<void> {
    throwIfCancelled('stage', this.#placement.signal);
    const [size, sha256] = [this.#paths.sizes.get(from), this.#sums.get(from)];
    if (size === undefined || sha256 === undefined) throw notStaged(from);
    this.#take(to, size);
    if (this.#held.has(from) && !this.#small.hasRoom(size)) await this.#makeRoom(size);
    // Looked up again: making room may have sent it.
    const bytes = this.#replaced.has(to) ? undefined : this.#held.get(from);
    if (bytes !== undefined) return this.#addSmall(to, bytes, sha256);
    this.#sums.set(to, sha256);
    this.#copies.set(to, this.#copies.get(from) ?? from);
  }

  async take(file: ArtifactFile, to: string): Promise<void> {
    throwIfCancelled('stage', this.#placement.signal);
    this.#take(to, file.entry.size);
    this.#sums.set(to, file.entry.sha256);
    this.#taken.set(to, file);
  }

  async remove(paths: readonly string[]): Promise<void> {
    const { signal } = this.#placement;
    throwIfCancelled('stage', signal);
    const sources = new Set(this.#copies.values());
    for (const path of paths.filter((one) => this.#paths.sizes.has(one))) {
      const isUnsent =
        this.#copies.delete(path) || this.#taken.delete(path) || this.#replacedEmpty.delete(path);
      if (isUnsent || this.#small.cancel(path)) {
        this.#held.delete(path);
        continue;
      }
      const upload = sources.has(path) ? undefined : this.#large.get(path);
      if (upload === undefined) this.#unwanted.add(path);
      else await upload.abort({ signal });
      if (upload !== undefined) this.#large.delete(path);
    }
    this.#paths.release(paths);
  }

  async commit(record: ArtifactRecord): Promise<'committed' | 'exists'> {
    const { root, id, signal } = this.#placement;
    throwIfCancelled('commit', signal);
    this.#check(record);
    const { finding, lease } = await this.open();
    await Promise.all([this.#small.drain(), this.#parts.drain()]);
    if (finding === 'committed') return this.#acceptRecord();
    if (this.#replaced.size > 0) await this.#clearReplaced(lease);
    await this.#placeRest();
    const isOurs = finding === 'clear' && this.#unwanted.size === 0;
    if (!isOurs || !(await isUndisturbed(root, id, { own: lease, signal })))
      await tidy(this.#placement, record, lease);
    lease.assertHeld();
    const outcome = await putIfAbsent(root, recordKey(id), formatRecord(record), { signal });
    this.#isOver = true;
    await releaseQuietly(lease, { signal });
    this.#onStored?.(id, this.spent);
    return outcome === 'created' ? 'committed' : 'exists';
  }

  async discard(options: CallOptions = {}): Promise<void> {
    if (this.#isOver) return;
    const { root, id } = this.#placement;
    this.#isOver = true;
    await abortable(Promise.all([this.#small.stop(), this.#parts.stop()]), options.signal);
    // A claim that failed has nothing to be taken back, and has been told.
    const claim = await this.#claim?.catch(() => undefined);
    await Promise.all([...this.#large.values()].map((upload) => upload.abort(options)));
    if (claim === undefined) return;
    await releaseQuietly(claim.lease, options);
    if (claim.finding !== 'committed') await clearAway(root, id, options);
  }

  #take(path: string, size: number): void {
    this.#paths.claim(path, size);
    if (this.#unwanted.delete(path)) this.#replaced.add(path);
  }

  #createLarge(path: string, size: number): FileWriter {
    const { root, id, signal } = this.#placement;
    const upload = new MultipartUpload(root, fileKey(id, path), { signal });
    this.#large.set(path, upload);
    this.#placement.uploads.push(upload);
    return new LargeFile(path, size, {
      part: async (number, bytes) => {
        await this.#parts.room(bytes.length);
        this.#parts.add({
          name: `${path} ${number}`,
          bytes: bytes.length,
          run: () => upload.put(number, bytes),
        });
      },
      whole: (sha256) => void this.#sums.set(path, sha256),
    });
  }

  #addSmall(path: string, bytes: Buffer, sha256: string): void {
    this.#sums.set(path, sha256);
    this.#held.set(path, bytes);
    this.#small.add({
      name: path,
      bytes: bytes.length,
      run: async () => {
        this.#held.delete(path);
        const { finding } = await this.open();
        if (finding !== 'committed') await placeSmall(this.#placement, path, bytes, sha256);
      },
    });
  }

  /** The claim comes before the first file, and opens the way for those that wait: what is small is put as it comes. */
  async open(): Promise<Claim> {
    const claim = await this.claim();
    if (!this.#isOver) this.#small.open();
    return claim;
  }

  async #makeRoom(bytes: number): Promise<void> {
    await this.open();
    await this.#small.room(bytes);
  }

  #check(record: ArtifactRecord): void {
    checkRecord(record, this.#placement.id, this.#paths.sizes);
    // What is packed is held to the record when it is read: a pack has no sum of its own.
    const whole = record.packs === undefined ? record.files : [];
    const lie = whole.find(({ path, sha256 }) => this.#sums.get(path) !== sha256);
    if (lie === undefined) return;
    throw new LandfallError(
      'INTERNAL',
      `commit: ${lie.path} is listed with another sha256; nothing was committed`,
    );
  }

  /** Takes away what was sent under paths that have other content now, when nobody else is at the artifact. */
  async #clearReplaced(own: Lease): Promise<void> {
    const { root, id, signal } = this.#placement;
    const isSent = (path: string): boolean =>
      !this.#replaced.has(path) &&
      !this.#large.has(path) &&
      !this.#copies.has(path) &&
      !this.#taken.has(path);
    const kept = new Set([...this.#paths.sizes.keys()].filter(isSent).map((path) => fileKey(id, path)));
    if ((await clearUnlisted(root, id, { own, kept, signal })) === 'busy')
      throw contestedError(filesPrefix(id), 'holds files of another run');
  }

  /** What could not be seen until now, because it was not proven. */
  async #placeRest(): Promise<void> {
    for (const [path, sha256] of this.#replacedEmpty)
      await placeSmall(this.#placement, path, new Uint8Array(), sha256);
    for (const [path, upload] of this.#large)
      await placeLarge(this.#placement, upload, this.#contentOf(path));
    const { id, signal } = this.#placement;
    await eachOf(this.#copies, { limit: COPIES, signal }, async ([to, path]) => {
      this.#copied += 1;
      await placeCopy(this.#placement, { from: { id, path }, to }, this.#contentOf(to));
    });
    await eachOf(this.#taken, { limit: COPIES, signal }, async ([to, { artifact, entry }]) => {
      this.#copied += 1;
      await placeTaken(this.#placement, { from: { id: artifact, path: entry.path }, to }, entry);
    });
  }

  #contentOf(path: string): { readonly size: number; readonly sha256: string } {
    return { size: this.#paths.sizes.get(path) ?? 0, sha256: this.#sums.get(path) ?? '' };
  }

  /** Nothing was sent because there was a record: it must still be there. */
  async #acceptRecord(): Promise<'exists'> {
    const { root, id, signal } = this.#placement;
    if ((await headObject(root, recordKey(id), { signal })) === undefined)
      throw contestedError(recordKey(id), 'was there, and has been removed since');
    await this.discard({ signal });
    this.#onStored?.(id, this.spent);
    return 'exists';
  }
}
