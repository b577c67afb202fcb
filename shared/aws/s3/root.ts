import type { Clock } from '../../clock.ts';
import { environmentCredentials } from '../request/credentials.ts';
import { createS3Client, type S3Client, type S3ClientOptions } from './client.ts';
import type { S3Location } from './location.ts';
import { type S3BucketLocation, s3TargetOf } from './target.ts';

/** A store's place in a bucket, and what it is reached with. Keys are relative to it everywhere but on the wire. */
export interface S3Root extends S3Location {
  readonly client: S3Client;
  readonly clock: Clock;
}

/** A key as the bucket has it. */
export const keyIn = ({ prefix }: S3Root, key: string): string => `${prefix}${key}`;

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
