import { type S3Server, startS3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import {
  type EmbeddedRegistry,
  startEmbeddedRegistry,
} from '../../../embedded-registry/embedded-registry.ts';
import { createS3Client } from '../../../shared/aws/s3/client.ts';
import { openS3Store } from '../../../shared/aws/s3/store/store.ts';
import { s3TargetAt } from '../../../shared/aws/s3/target.ts';
import { systemClock } from '../../../shared/clock.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { parseRepository } from '../../../shared/oci/reference.ts';
import { DEFAULT_TRANSPORT } from '../../../shared/registry/client.ts';
import { createRegistryClient } from '../../../shared/registry/create-client.ts';
import type { Store } from '../../../shared/store/store.ts';
import type { Lifetime } from '../at-end.ts';
import { ACCOUNT, CREDENTIALS, environmentOf, REGION } from '../aws-server/aws-client-for.ts';
import { type AwsServer, startAwsServer } from '../aws-server/aws-server.ts';
import type { FifoQueue } from '../aws-server/fifo-queue.ts';
import { type Files, imageOf } from '../stores/memory-sources.ts';
import type { LambdaProcess } from './lambda-process.ts';

export const BUCKET = 'landfall';

/** The services of an installation, as stand-ins, and a registry. */
export interface Installation {
  readonly aws: AwsServer;
  readonly s3: S3Server;
  readonly registry: EmbeddedRegistry;
  readonly store: Store;
  readonly queue: FifoQueue;
  /** What every function is told. */
  readonly env: Readonly<Record<string, string>>;
  push(repository: string, tag: string, files: Files): Promise<string>;
  /** Has `reconcile` take what the queue has, until it is empty or has given out `batches` batches. */
  deliver(
    reconcile: LambdaProcess,
    options?: { readonly batches?: number; readonly remainingMs?: number },
  ): Promise<number>;
}

interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** What Lambda's poller does: receive, invoke, delete all but the failed. */
async function deliverBatch(
  queue: FifoQueue,
  reconcile: LambdaProcess,
  remainingMs: number,
): Promise<boolean> {
  const received = queue.receive(10);
  if (received.length === 0) return false;
  const Records = received.map(({ messageId, receiptHandle, body, receives }) => ({
    ...{ messageId, receiptHandle, body },
    attributes: { ApproximateReceiveCount: String(receives) },
  }));
  const { batchItemFailures } = await reconcile.invoke<BatchAnswer>({ Records }, { remainingMs });
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  for (const { messageId, receiptHandle } of received)
    if (!failed.has(messageId)) queue.delete(receiptHandle);
  return true;
}

async function pushTo(
  registry: EmbeddedRegistry,
  repository: string,
  tag: string,
  files: Files,
): Promise<string> {
  const client = createRegistryClient({
    access: {
      access: async () => ({
        credential: { kind: 'anonymous' },
        transport: { ...DEFAULT_TRANSPORT, plainHttp: true },
      }),
    },
    ...{ clock: systemClock, limits: DEFAULT_LIMITS },
  });
  const image = imageOf(files);
  const target = parseRepository(`oci://${registry.host}/${repository}`);
  for (const blob of image.blobs) {
    const descriptor = { mediaType: 'application/octet-stream', digest: digestOf(blob), size: blob.length };
    await client.pushBlob(target, descriptor, blob);
  }
  await client.pushManifest(target, tag, image.mediaType, image.bytes);
  await client.close();
  return image.digest;
}

/** Starts the stand-ins; they end with the test. @param now the queue's time @param latencyMs of a request to S3 */
export async function installationFor(
  t: Lifetime,
  now: () => number = Date.now,
  latencyMs = 0,
): Promise<Installation> {
  const [aws, s3, registry] = await Promise.all([
    startAwsServer({ now }),
    startS3Server({ latency: () => latencyMs }),
    startEmbeddedRegistry(),
  ]);
  for (const server of [aws, s3, registry]) t.after(() => server.close());
  const client = createS3Client({
    target: s3TargetAt(new URL(`${s3.url}/${BUCKET}/`), REGION),
    credentials: async () => CREDENTIALS,
    clock: systemClock,
  });
  const store = await openS3Store({ bucket: BUCKET, prefix: '', client });
  const queue = aws.queue('landfall.fifo');
  return {
    ...{ aws, s3, registry, store, queue },
    env: {
      ...environmentOf(aws.url),
      AWS_ENDPOINT_URL_S3: s3.url,
      LANDFALL_BUCKET: BUCKET,
      LANDFALL_BUS: 'landfall',
      LANDFALL_QUEUE_URL: `${aws.url}/${ACCOUNT}/landfall.fifo`,
    },
    push: (repository, tag, files) => pushTo(registry, repository, tag, files),
    deliver: async (reconcile, { batches = 100, remainingMs = 60_000 } = {}) => {
      for (let count = 0; count < batches; count += 1) {
        if (!(await deliverBatch(queue, reconcile, remainingMs))) return count;
      }
      return batches;
    },
  };
}
