import { Readable } from 'node:stream';
import type { Clock } from '../../clock.ts';
import { abortable } from '../../kernel/abortable.ts';
import { readAtMost } from '../../kernel/read-bytes.ts';
import { PACK_BYTES, PACK_GAP_BYTES } from '../../limits.ts';
import type { ArtifactRecord, FileEntry, PackEntry } from '../../model/artifact-record.ts';
import type { ArtifactStore, ByteRange, OpenFileOptions } from '../../model/artifact-store.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { artifactNotFound } from '../artifact-not-found.ts';
import { fileKey, filesPrefix, recordKey } from '../layout.ts';
import { checkKey } from '../object-key.ts';

/** What was read is believed for so long: an artifact may be collected, damaged, and land again. */
const KEPT_MS = 30_000;
/** Records that are kept: a reader goes through one artifact, and compares it with another. */
const RECORDS = 2;
/** Packs that are kept in memory. */
const PACKS = 2;

/** The least recently used go. */
function keep<T>(kept: Map<string, T>, key: string, value: T, most: number): void {
  kept.delete(key);
  kept.set(key, value);
  for (const old of kept.keys()) {
    if (kept.size <= most) return;
    kept.delete(old);
  }
}

interface Index {
  readonly files: ReadonlyMap<string, FileEntry>;
  readonly packs: readonly PackEntry[];
  /** The packs, by their number, that more than one file is in. */
  readonly shared: ReadonlySet<number>;
  /** Milliseconds since the epoch. */
  readonly readAt: number;
}

interface Opened {
  /** Its key. */
  readonly pack: string;
  readonly range: ByteRange;
}

const isBehind = (before: ByteRange, { offset }: ByteRange): boolean =>
  offset >= before.offset && offset - before.offset - before.size <= PACK_GAP_BYTES;

function sharedPacks(files: readonly FileEntry[]): ReadonlySet<number> {
  const seen = new Set<number>();
  const shared = new Set<number>();
  for (const { pack } of files) {
    if (pack === undefined) continue;
    if (seen.has(pack)) shared.add(pack);
    seen.add(pack);
  }
  return shared;
}

const indexOf = ({ files, packs = [] }: ArtifactRecord, readAt: number): Index => ({
  readAt,
  files: new Map(files.map((file) => [file.path, file])),
  packs,
  shared: sharedPacks(files),
});

/**
 * Reads files out of packs. A file is asked for by its range; who goes on to the next in its pack gets that whole, and so
 * does who comes back to a pack that will stay. So all of 5,000 files, in the order of their packs, are two requests for each pack;
 * in any other they are a request each, and their bytes alone, where there are more packs than are kept.
 */
export class PackReader {
  readonly #under: Pick<ArtifactStore, 'open' | 'record'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #records = new Map<string, Index>();
  /** What was last opened of an artifact. */
  readonly #opened = new Map<string, Opened>();
  readonly #packs = new Map<string, Promise<Buffer>>();

  constructor(under: Pick<ArtifactStore, 'open' | 'record'>, clock: Pick<Clock, 'now'>) {
    this.#under = under;
    this.#clock = clock;
  }

  async open(id: ArtifactId, path: string, { range, signal }: OpenFileOptions = {}): Promise<Readable> {
    checkKey(fileKey(id, path));
    const { files, packs, shared } = await this.#indexOf(id, { signal });
    const file = files.get(path);
    if (file === undefined) throw artifactNotFound(fileKey(id, path));
    const { offset: from = 0, size = file.size } = range ?? {};
    const length = Math.max(0, Math.min(size, file.size - from));
    const pack = file.pack === undefined ? undefined : packs[file.pack];
    if (file.pack === undefined || pack === undefined || length === 0)
      return Readable.from([], { objectMode: false });
    const wanted = { offset: (file.offset ?? 0) + from, size: length };
    const key = fileKey(id, pack.path);
    const isShared = shared.has(file.pack) && pack.size <= PACK_BYTES;
    const isWhole = isShared && (this.#packs.has(key) || this.#goesOn(id, { pack: key, range: wanted }));
    if (isShared) keep(this.#opened, recordKey(id), { pack: key, range: wanted }, RECORDS);
    if (!isWhole) return this.#under.open(id, pack.path, { range: wanted, signal });
    const whole = await this.#whole(id, pack, { signal });
    const bytes = whole.subarray(wanted.offset, wanted.offset + wanted.size);
    return Readable.from(bytes.length === 0 ? [] : [bytes], { objectMode: false });
  }

  /** An artifact that goes. */
  forget(id: ArtifactId): void {
    this.#records.delete(recordKey(id));
    this.#opened.delete(recordKey(id));
    this.#forgetPacks(id);
  }

  #forgetPacks(id: ArtifactId): void {
    for (const key of this.#packs.keys()) if (key.startsWith(filesPrefix(id))) this.#packs.delete(key);
  }

  /** Whether it is in the pack of the file that was opened before, and more of that will be wanted. */
  #goesOn(id: ArtifactId, { pack, range }: Opened): boolean {
    const before = this.#opened.get(recordKey(id));
    if (before?.pack !== pack) return false;
    const packs = this.#records.values().reduce((sum, { shared }) => sum + shared.size, 0);
    return packs <= PACKS || isBehind(before.range, range);
  }

  async #indexOf(id: ArtifactId, options: OpenFileOptions): Promise<Index> {
    const key = recordKey(id);
    const now = this.#clock.now();
    const known = this.#records.get(key);
    if (known !== undefined && Math.abs(now - known.readAt) < KEPT_MS) return known;
    this.#forgetPacks(id);
    const record = await this.#under.record(id, options);
    if (record === undefined) throw artifactNotFound(key);
    const index = indexOf(record, now);
    keep(this.#records, key, index, RECORDS);
    return index;
  }

  /** One reader's signal does not end what others wait for: they read it themselves then. */
  async #whole(id: ArtifactId, pack: PackEntry, options: OpenFileOptions): Promise<Buffer> {
    const key = fileKey(id, pack.path);
    const there = this.#packs.get(key);
    const shared =
      there &&
      (await abortable(
        there.catch(() => undefined),
        options.signal,
      ));
    if (shared !== undefined) return shared;
    const reading = this.#under
      .open(id, pack.path, options)
      .then((chunks) => readAtMost(chunks as AsyncIterable<Buffer>, pack.size))
      .then(({ bytes }) => bytes);
    keep(this.#packs, key, reading, PACKS);
    try {
      return await abortable(reading, options.signal);
    } catch (error) {
      if (this.#packs.get(key) === reading) this.#packs.delete(key);
      throw error;
    }
  }
}
