import type { Clock } from '../../clock.ts';
import type { S3Client } from './client.ts';
import type { S3Location } from './location.ts';

/** A store's place in a bucket, and what it is reached with. Keys are relative to it everywhere but on the wire. */
export interface S3Root extends S3Location {
  readonly client: S3Client;
  readonly clock: Clock;
}

/** A key as the bucket has it. */
export const keyIn = ({ prefix }: S3Root, key: string): string => `${prefix}${key}`;
