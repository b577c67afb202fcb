import { inByteOrder } from '../../shared/kernel/byte-order.ts';

/** What is under a key. */
export interface S3Object {
  readonly bytes: Buffer;
  /** With its quotes, as S3 gives it: of the content, or of its parts and their number. */
  readonly etag: string;
  /** Milliseconds; answers show whole seconds, as S3 does. */
  readonly lastModified: number;
  /** Base64, or `<base64>-<parts>` of a multipart upload; only where the client sent one. */
  readonly sha256: string | undefined;
  readonly contentType: string;
  readonly cacheControl?: string | undefined;
  /** Of x-amz-meta- headers, without that. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface S3Part {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly sha256: string | undefined;
}

export interface S3Upload {
  readonly id: string;
  readonly key: string;
  readonly initiated: number;
  readonly contentType: string;
  readonly parts: Map<number, S3Part>;
}

/** What became of a key. */
export interface S3Change {
  readonly kind: 'created' | 'deleted';
  readonly key: string;
  readonly object: S3Object;
}

/** One bucket in memory. Writes are counted by key, so that a conditional write can tell what happened meanwhile. */
export class S3Bucket {
  readonly objects = new Map<string, S3Object>();
  readonly uploads = new Map<string, S3Upload>();
  /** Called with every change once it is there, whether or not the client learns of it. */
  readonly watchers = new Set<(change: S3Change) => void>();
  readonly #writes = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  now(): number {
    return this.#now();
  }

  /** Puts and deletes that `key` has seen. */
  writes(key: string): number {
    return this.#writes.get(key) ?? 0;
  }

  put(key: string, object: Omit<S3Object, 'lastModified'>): S3Object {
    const stored = { ...object, lastModified: this.#now() };
    this.#writes.set(key, this.writes(key) + 1);
    this.objects.set(key, stored);
    for (const watch of this.watchers) watch({ kind: 'created', key, object: stored });
    return stored;
  }

  delete(key: string): void {
    const object = this.objects.get(key);
    if (object === undefined) return;
    this.objects.delete(key);
    this.#writes.set(key, this.writes(key) + 1);
    for (const watch of this.watchers) watch({ kind: 'deleted', key, object });
  }

  /** In byte order. */
  keys(prefix: string): readonly string[] {
    return inByteOrder(this.objects.keys().filter((key) => key.startsWith(prefix)));
  }
}
