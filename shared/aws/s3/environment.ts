import type { Clock } from '../../clock.ts';
import { environmentCredentials } from '../request/credentials.ts';
import { createS3Client, type S3Client } from './client.ts';
import { type S3Place, s3TargetOf } from './target.ts';

/** A bucket as a function reaches it: with the credentials in its environment, and nothing of the SDK. */
export const environmentS3 = (place: S3Place, clock: Clock): S3Client =>
  createS3Client({ target: s3TargetOf(place), credentials: environmentCredentials(place.env), clock });
