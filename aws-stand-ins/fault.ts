/** What goes wrong with the calls of one operation. */
export type Fault = {
  readonly operation: string;
  readonly times: number;
  /** Runs when it strikes, after any effect the call has. */
  readonly meanwhile?: () => Promise<void>;
} & (
  | { readonly kind: 'error'; readonly status: number; readonly code: string; readonly message?: string }
  /** The connection ends before or after the call had its effect. */
  | { readonly kind: 'cut'; readonly effect: boolean }
  | { readonly kind: 'stall' }
  /** Of each batch, the entries at these places are refused. */
  | { readonly kind: 'partial'; readonly at: readonly number[]; readonly code: string }
  /** Default 200. */
  | { readonly kind: 'body'; readonly text: string; readonly status?: number }
);

export class Faults {
  readonly #planned: { readonly fault: Fault; left: number }[] = [];

  plan(fault: Fault): void {
    this.#planned.push({ fault, left: fault.times });
  }

  clear(): void {
    this.#planned.length = 0;
  }

  /** The next one for an operation, used up by asking. */
  take(operation: string): Fault | undefined {
    const planned = this.#planned.find(({ fault, left }) => left > 0 && fault.operation === operation);
    if (planned === undefined) return undefined;
    planned.left -= 1;
    return planned.fault;
  }
}
