/** One thing measured, as the table prints it. */
export interface Figure {
  readonly what: string;
  readonly measured: string;
  /** The figure to hold, where there is one. */
  readonly target?: string;
  readonly met?: boolean;
}

export interface BenchContext {
  /** Smaller sizes, to see that everything runs; the figures mean little. */
  readonly quick: boolean;
  /** An empty folder of the bench's own; removed afterwards. */
  readonly scratch: string;
  /** One line for who waits. */
  readonly say: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  /** Programs without which there is nothing to measure. */
  readonly needs: readonly string[];
  /** Its folder is in memory where there is one: deleting on a disk slows whoever makes files next. */
  readonly inMemory?: true;
  run(context: BenchContext): Promise<readonly Figure[]>;
}
