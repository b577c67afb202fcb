import { Session } from 'node:inspector';

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly {
      readonly startOffset: number;
      readonly endOffset: number;
      readonly count: number;
    }[];
  }[];
}

/** What is looked at: the product, and what takes signatures apart for it. */
const LOOKED_AT = /\/(?:shared|functions)\/|\/node_modules\/@sigstore\//;

/** V8's own counts of the blocks that ran, by this thread's inspector. */
export class Coverage {
  readonly #session = new Session();
  readonly #known = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  get blocks(): number {
    return this.#known.size;
  }

  learn(blocks: Iterable<string>): void {
    for (const block of blocks) this.#known.add(block);
  }

  /** The blocks that ran since the last call and that it does not know. */
  unknown(): ReadonlySet<string> {
    const blocks = new Set<string>();
    // Answered before it returns: it is this thread's own inspector.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      for (const { url, functions } of result as readonly ScriptCoverage[])
        if (LOOKED_AT.test(url)) this.#collect(url, functions, blocks);
    });
    return blocks;
  }

  #collect(url: string, functions: ScriptCoverage['functions'], blocks: Set<string>): void {
    for (const { startOffset, endOffset, count } of functions.flatMap(({ ranges }) => ranges)) {
      const block = `${url}:${startOffset}:${endOffset}`;
      if (count > 0 && !this.#known.has(block)) blocks.add(block);
    }
  }

  close(): void {
    this.#session.disconnect();
  }
}
