/** What a sample tells of. `digest` is of nothing that exists. */
export interface SamplePush {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

export interface SampleContext {
  readonly secret: string;
  /** As sources write it. */
  readonly registry: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A push as the sender tells of it; POSTed, as JSON where `headers` say nothing else. */
export interface Sample {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One type of sender, as users set it up. */
export interface Sender {
  /** What to do there with the URL and the secret. */
  readonly how: string;
  /** A text: why none can be made here. */
  readonly sample: ((push: SamplePush, context: SampleContext) => Sample) | string;
}
