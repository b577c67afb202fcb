import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '../../../test/support/servers/free-port.ts';
import { stopWorker } from '../worker.ts';
import { BENCH_BUCKET, BENCH_CREDENTIALS, BENCH_REGION } from './s3-stand-in.ts';

export const MOTO = 'moto_server';

export interface Moto extends AsyncDisposable {
  readonly url: string;
  /** Throws everything away, and makes the bucket anew. */
  reset(): Promise<void>;
}

/** moto's server with the bucket in it. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(MOTO, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const reset = async (): Promise<void> => {
    await fetch(`${url}/moto-api/reset`, { method: 'POST' });
    const client = new S3Client({
      endpoint: url,
      region: BENCH_REGION,
      credentials: BENCH_CREDENTIALS,
      forcePathStyle: true,
    });
    const where = { CreateBucketConfiguration: { LocationConstraint: BENCH_REGION } } as const;
    await client.send(new CreateBucketCommand({ Bucket: BENCH_BUCKET, ...where }));
    client.destroy();
  };
  for (let tries = 0; tries < 300 && child.exitCode === null; tries += 1) {
    const isUp = await fetch(`${url}/moto-api/`).then(
      () => true,
      () => false,
    );
    if (!isUp) {
      await sleep(100);
      continue;
    }
    await reset();
    return { url, reset, [Symbol.asyncDispose]: () => stopWorker(child) };
  }
  await stopWorker(child);
  throw new Error(`${MOTO} does not answer at ${url}`);
}
