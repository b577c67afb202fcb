import { randomUUID } from 'node:crypto';

interface Session {
  readonly repository: string;
  readonly chunks: Buffer[];
  size: number;
}

/** Abandoned uploads are forgotten beyond this many, the oldest first. */
const OPEN_SESSIONS = 1_000;

/** Blobs that are being pushed, by the id in their Location. */
export class UploadSessions {
  readonly #sessions = new Map<string, Session>();

  open(repository: string): string {
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= OPEN_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    const id = randomUUID();
    this.#sessions.set(id, { repository, chunks: [], size: 0 });
    return id;
  }

  /** Bytes received so far, or undefined where `repository` has no such upload. */
  size(repository: string, id: string): number | undefined {
    return this.#find(repository, id)?.size;
  }

  append(repository: string, id: string, chunk: Buffer): void {
    const session = this.#find(repository, id);
    session?.chunks.push(chunk);
    if (session !== undefined) session.size += chunk.length;
  }

  /** Ends the upload and gives what it received. */
  take(repository: string, id: string): Buffer {
    const session = this.#find(repository, id);
    this.#sessions.delete(id);
    return session?.chunks.length === 1 && session.chunks[0] !== undefined
      ? session.chunks[0]
      : Buffer.concat(session?.chunks ?? []);
  }

  #find(repository: string, id: string): Session | undefined {
    const session = this.#sessions.get(id);
    return session?.repository === repository ? session : undefined;
  }
}
