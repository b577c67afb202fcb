import { nextMessage, startWorker, stopWorker } from '../worker.ts';

/** What a process that does nothing but reconcile is told. */
export interface ReconcileTask {
  readonly host: string;
  readonly root: string;
  readonly durable: boolean;
  readonly sources: number;
  /** The sources are spread over this many. */
  readonly repositories: number;
  readonly concurrency: number;
  /** How often every source is reconciled. */
  readonly rounds: number;
}

/** One reconcile of every source. */
export interface ReconcileRound {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Everything the client sent, to the registry and its token service. */
  readonly requests: number;
  /** The most resident so far. */
  readonly rssBytes: number;
}

/** As `serve` has it. */
export const CONCURRENCY = 32;

/** Reconciles in a process on one core of its own. */
export async function reconcileRounds(task: ReconcileTask): Promise<readonly ReconcileRound[]> {
  const worker = startWorker('registry/reconcile-worker.ts', task, 0);
  try {
    return await nextMessage<readonly ReconcileRound[]>(worker);
  } finally {
    await stopWorker(worker);
  }
}

/** Nothing is measured where not every source came out as it should. */
export function checkOutcomes({ outcomes }: ReconcileRound, wanted: string, sources: number): void {
  if (outcomes[wanted] === sources) return;
  throw new Error(`wanted ${sources} ${wanted}, got ${JSON.stringify(outcomes)}`);
}
