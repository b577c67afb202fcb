import type { S3Operation } from './s3-operation.ts';

/** What goes wrong: an error answer, a connection that is cut, or one that says nothing more. */
type S3Trouble = { readonly status: number; readonly code: string } | 'cut' | 'stall';

export interface S3Fault {
  readonly operation: S3Operation;
  readonly key?: RegExp;
  /** `before`: nothing happened. `after`: it is done, and the client does not learn of it. */
  readonly when: 'before' | 'after';
  readonly trouble: S3Trouble;
  /** Requests that meet it; default 1. */
  readonly times?: number;
  /** Runs when it strikes, e.g. to let another writer in. */
  readonly meanwhile?: () => void | Promise<void>;
}

/** Scripted misfortunes, met in the order they were added. */
export class S3Faults {
  readonly #armed: { readonly fault: S3Fault; left: number }[] = [];

  add(fault: S3Fault): void {
    this.#armed.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#armed.length = 0;
  }

  /** The fault a request meets, used up by asking. */
  take(operation: S3Operation, key: string, when: S3Fault['when']): S3Fault | undefined {
    const found = this.#armed.find(
      ({ fault, left }) =>
        left > 0 && fault.operation === operation && fault.when === when && (fault.key?.test(key) ?? true),
    );
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }
}
