import { hash } from 'node:crypto';
import { Agent } from 'node:http';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { putObject } from '../../../shared/aws/s3/write.ts';
import { smallFiles } from '../artifacts/corpus.ts';
import { AT_ONCE, type PutCost, type PutTask } from './put-cost.ts';
import { rootAt } from './s3-root.ts';
import {
  BENCH_BUCKET as bucket,
  BENCH_CREDENTIALS as credentials,
  BENCH_REGION as region,
} from './s3-stand-in.ts';

const task = JSON.parse(process.argv[2] ?? '') as PutTask;
const { endpoint, way } = task;

/** A small object to be created; unpacking knows its hash. */
interface SmallObject {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** As people use it, with room for as many requests at once. It hashes what it sends; a landing knows the hash. */
function sdkPut(): (object: SmallObject) => Promise<unknown> {
  const httpAgent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const client = new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestHandler: { httpAgent },
  });
  const checksum = way === 'sdk, SHA-256' ? { ChecksumAlgorithm: 'SHA256' as const } : {};
  return ({ key, bytes }) =>
    client.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, IfNoneMatch: '*', ...checksum }),
    );
}

function ownPut(): (object: SmallObject) => Promise<unknown> {
  const root = rootAt(endpoint);
  const { signal } = new AbortController();
  // A landing can be ended: all its requests have one signal.
  return ({ key, bytes, sha256 }) => putObject(root, key, bytes, 'absent', { sha256, signal });
}

const put = way === 'landfall' ? ownPut() : sdkPut();

async function putAll(objects: readonly SmallObject[]): Promise<void> {
  const left = objects[Symbol.iterator]();
  const one = async (): Promise<void> => {
    for (const object of left) await put(object);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

const objects = smallFiles(task.warmUps + task.count).map(({ path, pieces }): SmallObject => {
  const bytes = Buffer.concat([...pieces()]);
  return {
    key: `artifacts/sha256/${'0'.repeat(64)}/default/files/${path}`,
    bytes,
    sha256: hash('sha256', bytes),
  };
});
await putAll(objects.slice(0, task.warmUps));
const cpu = process.cpuUsage();
const begun = performance.now();
await putAll(objects.slice(task.warmUps));
const wallMs = performance.now() - begun;
const { user, system } = process.cpuUsage(cpu);
const cost: PutCost = { wallMs, cpuMs: (user + system) / 1000 };
process.send?.(cost);
process.disconnect();
