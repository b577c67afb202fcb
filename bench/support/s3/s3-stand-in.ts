import { nextMessage, startWorker, stopWorker } from '../worker.ts';

export const BENCH_BUCKET = 'landfall-bench';
export const BENCH_REGION = 'eu-central-1';
/** Not secret: no stand-in looks at them. */
export const BENCH_CREDENTIALS = { accessKeyId: 'AKIDBENCH', secretAccessKey: 'bench' } as const;

/** What a program is told so that it finds an S3 and nothing of the machine's own. */
export const environmentFor = (endpoint: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: BENCH_REGION,
  AWS_DEFAULT_REGION: BENCH_REGION,
  AWS_ACCESS_KEY_ID: BENCH_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: BENCH_CREDENTIALS.secretAccessKey,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
});

export interface S3StandInOptions {
  /** Between reading a request and doing it; S3 takes ten and more. */
  readonly latencyMs: number;
}

/** Since the count before. */
export interface S3Count {
  /** By operation. */
  readonly requests: Readonly<Record<string, number>>;
  /** In the bucket now, or when it was emptied. */
  readonly objects: number;
  readonly cpuMs: number;
}

/** The stand-in of the tests, in a process of its own. */
export interface S3StandIn extends AsyncDisposable {
  readonly url: string;
  count(): Promise<S3Count>;
  /** Counts, and throws away what is in the bucket. */
  empty(): Promise<S3Count>;
}

export async function startS3StandIn(options: S3StandInOptions): Promise<S3StandIn> {
  const worker = startWorker('s3/serve-s3.ts', options, 1);
  const url = await nextMessage<string>(worker);
  const ask = (message: 'count' | 'empty'): Promise<S3Count> => {
    worker.send(message);
    return nextMessage<S3Count>(worker);
  };
  return {
    url,
    count: () => ask('count'),
    empty: () => ask('empty'),
    [Symbol.asyncDispose]: () => stopWorker(worker),
  };
}
