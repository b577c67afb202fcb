import { LandfallError } from '../errors.ts';
import { ENTRIES_PER_FILE, type Limits } from '../limits.ts';

/** What one artifact may still cost, shared by all of its layers. Every take throws once the limit is passed. */
export class UnpackBudget {
  readonly limits: Limits;
  #bytes = 0;
  #files = 0;
  #entries = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Decompressed bytes, tar headers included. @throws LandfallError UNPACKED_TOO_LARGE */
  takeBytes(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.limits.unpackedBytes) throw this.#tooLarge('unpacks to');
  }

  /** Refuses a declared size before its bytes are paid for. @throws LandfallError UNPACKED_TOO_LARGE */
  checkSize(bytes: number): void {
    if (bytes > this.limits.unpackedBytes) throw this.#tooLarge('declares a file of');
  }

  /** A file, copied ones included. @throws LandfallError TOO_MANY_FILES */
  takeFile(): void {
    this.#files += 1;
    if (this.#files > this.limits.files) throw this.#tooMany('files', this.limits.files);
  }

  /** Any entry: file, folder, link or global header. @throws LandfallError TOO_MANY_FILES */
  takeEntry(): void {
    this.#entries += 1;
    const most = this.limits.files * ENTRIES_PER_FILE;
    if (this.#entries > most) throw this.#tooMany('entries', most);
  }

  #tooLarge(what: string): LandfallError {
    const { unpackedBytes } = this.limits;
    return new LandfallError(
      'UNPACKED_TOO_LARGE',
      `the artifact ${what} more than unpackedBytes = ${unpackedBytes} bytes`,
      { hint: 'Push less, or raise the limit unpackedBytes for this source.' },
    );
  }

  #tooMany(what: string, most: number): LandfallError {
    return new LandfallError(
      'TOO_MANY_FILES',
      `the artifact has more than ${most} ${what} (limit files = ${this.limits.files})`,
      {
        hint: 'Push fewer files, or raise the limit files for this source.',
      },
    );
  }
}
