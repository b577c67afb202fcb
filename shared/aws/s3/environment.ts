import type { Clock } from '../../clock.ts';
import { environmentCredentials } from '../request/credentials.ts';
import { createS3Client, type S3ClientOptions } from './client.ts';
import type { S3Root } from './root.ts';
import { type S3BucketLocation, s3TargetOf } from './target.ts';

/** A bucket, or a place in one, as a function reaches it: with the credentials in its environment. */
export function environmentRoot(
  location: S3BucketLocation & { readonly prefix?: string },
  clock: Clock,
  options: Partial<Pick<S3ClientOptions, 'timeoutMs'>> = {},
): S3Root {
  const { bucket, prefix = '', env } = location;
  const of = { target: s3TargetOf(location), credentials: environmentCredentials(env), clock };
  const client = createS3Client({ ...of, ...options });
  return { bucket, prefix, client, clock };
}
