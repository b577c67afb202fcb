import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { PACK_BYTES, PACKED_FILE_BYTES } from '../../limits.ts';
import type { ArtifactRecord } from '../../model/artifact-record.ts';
import type { FileWriter, Staging } from '../../model/artifact-store.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { checkRecord } from '../check-record.ts';
import { ClaimedPaths } from '../claimed-paths.ts';

/** Where a file is. */
interface Place {
  /** The number of its pack, as staged. */
  readonly pack: number;
  readonly offset: number;
}

const MODE = 0o644;

const nameOf = (pack: number): string => `${pack}.pack`;

const mismatch = (path: string, size: number, written: number): LandfallError =>
  new LandfallError('SIZE_MISMATCH', `staging: ${path} was announced with ${size} bytes and got ${written}`);

interface PackStagingOptions extends CallOptions {
  readonly id: ArtifactId;
}

/**
 * A staging whose files come to lie in a few of another's: small ones one behind the other, of which one pack is in memory;
 * large ones each alone. What is taken back leaves its bytes where they are, in no file that the record lists.
 */
export class PackStaging implements Staging {
  readonly #under: Staging;
  readonly #id: ArtifactId;
  readonly #signal: AbortSignal | undefined;
  readonly #paths = new ClaimedPaths();
  readonly #places = new Map<string, Place>();
  /** Bytes of each pack, by its number; of one that is given up: undefined. */
  readonly #packs: (number | undefined)[] = [];
  /** Made when it is first wanted, and used again: who takes a pack copies it. */
  #room: Buffer | undefined;
  /** Of the pack that is being filled; undefined: none is. */
  #open: { readonly number: number; used: number } | undefined;

  constructor(under: Staging, { id, signal }: PackStagingOptions) {
    this.#under = under;
    this.#id = id;
    this.#signal = signal;
  }

  create(path: string, size: number): FileWriter | Promise<FileWriter> {
    throwIfCancelled('stage', this.#signal);
    this.#paths.claim(path, size);
    if (size > PACKED_FILE_BYTES) return this.#createAlone(path, size);
    if (this.#open !== undefined && this.#open.used + size > PACK_BYTES)
      return this.#flush().then(() => this.#createPacked(path, size));
    return this.#createPacked(path, size);
  }

  async copy(from: string, to: string): Promise<void> {
    throwIfCancelled('stage', this.#signal);
    const [size, place] = [this.#paths.sizes.get(from), this.#places.get(from)];
    if (size === undefined || place === undefined)
      throw new LandfallError('INTERNAL', `staging: ${from} is not there to be copied`);
    this.#paths.claim(to, size);
    this.#places.set(to, place);
  }

  async remove(paths: readonly string[]): Promise<void> {
    throwIfCancelled('stage', this.#signal);
    this.#paths.release(paths);
    for (const path of paths) this.#places.delete(path);
    await this.#giveUp();
  }

  async commit(record: ArtifactRecord): Promise<'committed' | 'exists'> {
    // Of one that comes from another store it does not count where its files were there.
    const { packs: _, ...plain } = record;
    checkRecord(plain, this.#id, this.#paths.sizes);
    await this.#flush();
    return this.#under.commit(this.#placed(plain));
  }

  discard(options?: CallOptions): Promise<void> {
    return this.#under.discard(options);
  }

  async #createAlone(path: string, size: number): Promise<FileWriter> {
    const pack = this.#packs.push(size) - 1;
    const writer = await this.#under.create(nameOf(pack), size, MODE);
    return {
      write: (chunk) => writer.write(chunk),
      close: async () => {
        await writer.close();
        this.#places.set(path, { pack, offset: 0 });
      },
    };
  }

  #createPacked(path: string, size: number): FileWriter {
    this.#open ??= { number: this.#packs.push(0) - 1, used: 0 };
    this.#room ??= Buffer.allocUnsafeSlow(PACK_BYTES);
    const [open, room] = [this.#open, this.#room];
    const offset = open.used;
    let written = 0;
    open.used += size;
    return {
      write: (chunk) => {
        const at = offset + written;
        written += chunk.length;
        if (written > size) throw mismatch(path, size, written);
        room.set(chunk, at);
      },
      close: () => {
        if (written !== size) throw mismatch(path, size, written);
        this.#places.set(path, { pack: open.number, offset });
      },
    };
  }

  async #flush(): Promise<void> {
    const { number, used } = this.#open ?? { number: 0, used: 0 };
    this.#open = undefined;
    if (used === 0 || this.#room === undefined) return;
    this.#packs[number] = used;
    const writer = await this.#under.create(nameOf(number), used, MODE);
    await writer.write(this.#room.subarray(0, used));
    await writer.close();
  }

  /** Packs that have no file of the artifact any more. */
  async #giveUp(): Promise<void> {
    const wanted = new Set([...this.#places.values()].map(({ pack }) => pack));
    const isEmpty = (size: number | undefined, pack: number): boolean =>
      size !== undefined && size > 0 && !wanted.has(pack) && pack !== this.#open?.number;
    const empty = this.#packs.flatMap((size, pack) => (isEmpty(size, pack) ? [pack] : []));
    for (const pack of empty) this.#packs[pack] = undefined;
    await this.#under.remove(empty.map(nameOf));
  }

  /** The record with where each file is. */
  #placed({ files, ...record }: ArtifactRecord): ArtifactRecord {
    const there = this.#packs.flatMap((size, pack) => (size ? [{ pack, size }] : []));
    const numbers = new Map(there.map(({ pack }, at) => [pack, at]));
    return {
      ...record,
      formatVersion: 2,
      packs: there.map(({ pack, size }) => ({ path: nameOf(pack), size })),
      files: files.map(({ path, size, sha256, mode }) => {
        const place = size === 0 ? undefined : this.#places.get(path);
        const at = place && { pack: numbers.get(place.pack) ?? 0, offset: place.offset };
        return { path, size, sha256, mode, ...at };
      }),
    };
  }
}
