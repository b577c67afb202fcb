/** One request's worth of bytes on its way. */
interface Upload {
  readonly name: string;
  readonly bytes: number;
  readonly run: () => Promise<void>;
}

export interface UploadQueueOptions {
  /** Bytes kept at the same time, waiting and on their way. A single larger upload goes alone. */
  readonly bytes: number;
  readonly concurrency: number;
}

/**
 * Uploads with bounded memory and concurrency. What is queued waits until {@link UploadQueue.open}: an artifact that
 * fits is not sent before all of it is proven. After the first failure nothing more begins.
 */
export class UploadQueue {
  readonly #options: UploadQueueOptions;
  readonly #waiting = new Map<string, Upload>();
  readonly #running = new Set<Promise<void>>();
  #held = 0;
  #isOpen = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(options: UploadQueueOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether `bytes` more may be kept now. */
  hasRoom(bytes: number): boolean {
    return this.#held === 0 || this.#held + bytes <= this.#options.bytes;
  }

  /** Resolves when there is room; the queue must be open. @throws what an upload failed with */
  async room(bytes: number): Promise<void> {
    this.#throwFailure();
    while (!this.hasRoom(bytes)) {
      await this.#settled();
      this.#throwFailure();
    }
  }

  /** `name` is for {@link UploadQueue.cancel}. */
  add(upload: Upload): void {
    this.#held += upload.bytes;
    this.#waiting.set(upload.name, upload);
    if (this.#isOpen) this.#start();
  }

  /** Takes back what has not begun. */
  cancel(name: string): boolean {
    const upload = this.#waiting.get(name);
    if (upload === undefined) return false;
    this.#waiting.delete(name);
    this.#held -= upload.bytes;
    return true;
  }

  open(): void {
    this.#isOpen = true;
    this.#start();
  }

  /** Resolves when everything is up. @throws what an upload failed with */
  async drain(): Promise<void> {
    while (this.#running.size > 0 && this.#failure === undefined) await this.#settled();
    this.#throwFailure();
  }

  /** Drops what has not begun, and waits for the rest: afterwards no request of ours is under way. */
  async stop(): Promise<void> {
    for (const name of [...this.#waiting.keys()]) this.cancel(name);
    this.#isOpen = false;
    await Promise.all(this.#running);
  }

  #start(): void {
    for (const [name, upload] of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency || this.#failure !== undefined) return;
      this.#waiting.delete(name);
      const run = this.#run(upload).finally(() => {
        this.#running.delete(run);
        if (this.#isOpen) this.#start();
        this.#wake?.();
      });
      this.#running.add(run);
    }
  }

  async #run({ run, bytes }: Upload): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#held -= bytes;
    }
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
