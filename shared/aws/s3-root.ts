import type { S3Client } from '@aws-sdk/client-s3';
import type { Clock } from '../clock.ts';
import type { S3Location } from './s3-location.ts';

/** A store's place in a bucket, and what it is reached with. Keys are relative to it everywhere but on the wire. */
export interface S3Root extends S3Location {
  readonly client: S3Client;
  readonly clock: Clock;
}

/** The two fields that every request on an object begins with. */
export const objectAt = (
  { bucket, prefix }: S3Root,
  key: string,
): { readonly Bucket: string; readonly Key: string } => ({
  Bucket: bucket,
  Key: `${prefix}${key}`,
});
