import { FifoQueue } from './fifo-queue.ts';

export interface PutEvent {
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly resources: readonly string[];
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly accessKeyId: string;
}

/** What the services hold; tests look at it and change it. */
export interface AwsState {
  readonly now: () => number;
  readonly events: PutEvent[];
  /** By the last part of the queue's URL; one that is not there is made at first use. */
  queue(name: string): FifoQueue;
  /** By name or ARN. */
  readonly secrets: Map<string, string>;
  readonly parameters: Map<string, string>;
  /** Keys of KMS by what they are asked for with: their public half in DER. */
  readonly signingKeys: Map<
    string,
    { readonly der: Buffer; readonly usage?: string; readonly disabled?: boolean }
  >;
  /** Roles that may be assumed. */
  readonly roles: Set<string>;
  /** Life of an ECR token. */
  readonly ecr: { lifeMs: number; issued: number };
}

/** `queues`: those that are there already, by name. */
export function createState(now: () => number, queues = new Map<string, FifoQueue>()): AwsState {
  return {
    now,
    events: [],
    queue: (name) => {
      const queue = queues.get(name) ?? new FifoQueue({ now });
      queues.set(name, queue);
      return queue;
    },
    secrets: new Map(),
    parameters: new Map(),
    signingKeys: new Map(),
    roles: new Set(),
    ecr: { lifeMs: 12 * 60 * 60_000, issued: 0 },
  };
}
