import type { TestContext } from 'node:test';
import { type S3Server, type S3ServerOptions, startS3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import { createS3Client, type S3ClientOptions } from '../../../shared/aws/s3/client.ts';
import type { S3Root } from '../../../shared/aws/s3/root.ts';
import { s3TargetAt } from '../../../shared/aws/s3/target.ts';
import { type Clock, systemClock } from '../../../shared/clock.ts';

export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'canary-secret-key' } as const;

/** Short waits are as long as another turn of the event loop: what they wait for is in this process. */
export const hurriedClock: Clock = {
  now: systemClock.now,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds < 5_000 ? 1 : milliseconds, signal),
};

export interface S3Bench {
  readonly server: S3Server;
  readonly root: S3Root;
}

/** A stand-in and a root in its first bucket, both gone with the test. */
export async function s3For(
  t: TestContext,
  {
    prefix = '',
    clock = systemClock,
    client = {},
    ...options
  }: S3ServerOptions & {
    readonly prefix?: string;
    readonly clock?: Clock;
    readonly client?: Partial<S3ClientOptions>;
  } = {},
): Promise<S3Bench> {
  const server = await startS3Server(options);
  t.after(() => server.close());
  return { server, root: rootAt(server, { prefix, clock, client }) };
}

/** One more client of the same server, as another process would be. */
export function rootAt(
  { url }: Pick<S3Server, 'url'>,
  {
    prefix = '',
    clock = systemClock,
    client: options = {},
    bucket = 'landfall',
  }: {
    readonly prefix?: string;
    readonly clock?: Clock;
    readonly client?: Partial<S3ClientOptions>;
    readonly bucket?: string;
  } = {},
): S3Root {
  const client = createS3Client({
    target: s3TargetAt(new URL(`${url}/${bucket}/`), 'eu-central-1'),
    credentials: async () => CREDENTIALS,
    clock,
    ...options,
  });
  return { bucket, prefix, client, clock };
}
