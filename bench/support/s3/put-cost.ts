import { nextMessage, startWorker, stopWorker } from '../worker.ts';

/** Ways to put an object, one process each. */
export const PUT_WAYS = ['sdk, CRC32', 'sdk, SHA-256', 'landfall'] as const;
export type PutWay = (typeof PUT_WAYS)[number];

/** As a landing has it. */
export const AT_ONCE = 64;

export interface PutTask {
  readonly endpoint: string;
  readonly way: PutWay;
  /** Small objects to put, {@link AT_ONCE} at a time. */
  readonly count: number;
  /** Put before, and not counted: connections are open and the code is compiled. */
  readonly warmUps: number;
}

export interface PutCost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export async function putCost(task: PutTask): Promise<PutCost> {
  const worker = startWorker('s3/put-worker.ts', task, 0);
  try {
    return await nextMessage<PutCost>(worker);
  } finally {
    await stopWorker(worker);
  }
}
