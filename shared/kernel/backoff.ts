/** How long to wait between tries. All times in milliseconds. */
export interface BackoffPolicy {
  /** The whole wait before the second try; it doubles from there. */
  readonly firstMs: number;
  /** Never longer than this. */
  readonly mostMs: number;
  /** `half`: between half and the whole, so that many do not come back at once. `full`: anything up to the whole. */
  readonly jitter: 'half' | 'full' | 'none';
}

const MINUTE = 60_000;

/** Every wait between tries there is, beside each other: what is asked again, and how patiently. */
export const BACKOFF = {
  /** A reconcile that failed for the moment: until its interval comes round, or a webhook. */
  reconcile: { firstMs: 1_000, mostMs: 5 * MINUTE, jitter: 'half' },
  /** A deploy that failed for the moment, on one machine: for ever, until it does or something changes. */
  deploy: { firstMs: 1_000, mostMs: 5 * MINUTE, jitter: 'half' },
  /** A provider of notifications, for ever and in their order. */
  notify: { firstMs: 1_000, mostMs: 5 * MINUTE, jitter: 'half' },
  /** The answer that CloudFormation waits for. */
  stackAnswer: { firstMs: 500, mostMs: 8_000, jitter: 'none' },
  /** What a stack has just allowed, and IAM has not heard of yet. */
  stackAllowed: { firstMs: 1_000, mostMs: 8_000, jitter: 'none' },
  /** An API server of Kubernetes that is asked too much, or does not answer. */
  kubernetes: { firstMs: 250, mostMs: 4_000, jitter: 'half' },
  /** A registry that failed for the moment. */
  registry: { firstMs: 500, mostMs: 10_000, jitter: 'half' },
  /** A registry's host, for all who ask it, that says "too many" and not until when: then one asks, and the others wait for its answer. */
  pause: { firstMs: 500, mostMs: 5_000, jitter: 'none' },
  /** A call of AWS. */
  aws: { firstMs: 50, mostMs: 10_000, jitter: 'half' },
  /** The same, where it is asked too much. */
  awsThrottled: { firstMs: 400, mostMs: 10_000, jitter: 'half' },
  /** What SQS or EventBridge refused of a batch. */
  awsEntry: { firstMs: 100, mostMs: 10_000, jitter: 'half' },
  /** An object of S3 that others write at the same time; as much chance as there is wait, so that racers part. */
  s3Conflict: { firstMs: 40, mostMs: 1_000, jitter: 'full' },
  /** A document of the store that somebody else changed meanwhile: each lost race is another's progress. */
  lostRace: { firstMs: 5, mostMs: 50, jitter: 'full' },
  /** No descriptor is free: somebody of this process gives one back within milliseconds. */
  descriptor: { firstMs: 5, mostMs: 250, jitter: 'half' },
} as const satisfies Readonly<Record<string, BackoffPolicy>>;

/**
 * Milliseconds to wait after try number `attempt` (counted from 1) has failed.
 * @param random from 0 to 1
 */
export function backoffMs(
  { firstMs, mostMs, jitter }: BackoffPolicy,
  attempt: number,
  random: number = Math.random(),
): number {
  // 2 ** 1024 is Infinity, and Infinity * 0 is not a number.
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(attempt - 1, 60));
  if (jitter === 'none') return whole;
  return jitter === 'full' ? random * whole : whole * (0.5 + random / 2);
}
