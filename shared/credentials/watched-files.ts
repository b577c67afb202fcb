import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Clock, steadyNow } from '../clock.ts';
import { errnoOf, LandfallError } from '../errors.ts';
import { textOf } from '../escaped-bytes.ts';
import { readAtMost } from '../kernel/read-bytes.ts';
import { CREDENTIAL_FILE_BYTES } from '../limits.ts';

const CHECK_MS = 1_000;

const codeOf = (error: unknown): string => errnoOf(error) ?? 'error';

/** What tells one content of a file from the next without reading it. */
async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
  } catch (error) {
    return codeOf(error);
  }
}

async function readBounded(path: string): Promise<string | undefined> {
  try {
    const { bytes, whole } = await readAtMost(createReadStream(path), CREDENTIAL_FILE_BYTES);
    if (whole) return textOf(bytes);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw new LandfallError('CREDENTIAL_UNREADABLE', `cannot read ${path}: ${codeOf(error)}`, {
      cause: error,
    });
  }
  throw new LandfallError('CREDENTIAL_UNREADABLE', `${path} is larger than ${CREDENTIAL_FILE_BYTES} bytes`);
}

interface Watched {
  readonly stamp: string;
  readonly content: Promise<string | undefined>;
}

/** Small files that are read once and again only when they changed, looked at no more than once a second. */
export class WatchedFiles {
  readonly #clock: Pick<Clock, 'now' | 'steady'>;
  readonly #files = new Map<string, Watched>();
  #checkedAt: number;
  #checking: Promise<boolean> | undefined;

  constructor(clock: Pick<Clock, 'now' | 'steady'>) {
    this.#clock = clock;
    this.#checkedAt = steadyNow(clock);
  }

  /** The file's text; undefined where there is none. @throws LandfallError CREDENTIAL_UNREADABLE */
  async read(path: string): Promise<string | undefined> {
    const known = this.#files.get(path);
    if (known !== undefined) return known.content;
    // The stamp is taken first: a change between the two is seen as one at the next look.
    const stamp = await stampOf(path);
    const content = this.#files.get(path)?.content ?? readBounded(path);
    content.catch(() => this.#files.delete(path));
    this.#files.set(path, { stamp, content });
    return content;
  }

  /** Whether a file that was read has changed since; those that have are read anew. */
  async changed(): Promise<boolean> {
    if (this.#checking !== undefined) return this.#checking;
    const now = steadyNow(this.#clock);
    if (now - this.#checkedAt < CHECK_MS) return false;
    this.#checkedAt = now;
    this.#checking = this.#check();
    try {
      return await this.#checking;
    } finally {
      this.#checking = undefined;
    }
  }

  async #check(): Promise<boolean> {
    let changed = false;
    for (const [path, { stamp }] of [...this.#files]) {
      if ((await stampOf(path)) === stamp) continue;
      this.#files.delete(path);
      changed = true;
    }
    return changed;
  }
}
