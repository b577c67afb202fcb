import { createS3Client } from '../../../shared/aws/s3/client.ts';
import type { S3Root } from '../../../shared/aws/s3/root.ts';
import { s3TargetAt } from '../../../shared/aws/s3/target.ts';
import { systemClock as clock } from '../../../shared/clock.ts';
import { BENCH_CREDENTIALS, BENCH_REGION, BENCH_BUCKET as bucket } from './s3-stand-in.ts';

/** The bucket of a stand-in, as a landing reaches it. */
export function rootAt(endpoint: string): S3Root {
  const target = s3TargetAt(new URL(`${endpoint}/${bucket}/`), BENCH_REGION);
  const client = createS3Client({ target, credentials: async () => BENCH_CREDENTIALS, clock });
  return { bucket, prefix: '', client, clock };
}
