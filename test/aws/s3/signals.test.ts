import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MultipartUpload } from '../../../shared/aws/s3/multipart.ts';
import { putIfAbsent } from '../../../shared/aws/s3/object-store.ts';
import {
  firstObject,
  getIfChanged,
  getObject,
  headObject,
  listObjects,
} from '../../../shared/aws/s3/read.ts';
import type { S3Root } from '../../../shared/aws/s3/root.ts';
import { deleteObjects, putObject } from '../../../shared/aws/s3/write.ts';
import { LandfallError } from '../../../shared/errors.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import { s3For } from '../support/s3.ts';

const KEY = 'sources/web/site/status.json';
const BYTES = Buffer.from('{}');

type Call = (root: S3Root, options: CallOptions) => Promise<unknown>;

const CALLS: Readonly<Record<string, readonly [operation: string, call: Call]>> = {
  getObject: ['GetObject', (root, options) => getObject(root, KEY, options)],
  getIfChanged: ['GetObject', (root, options) => getIfChanged(root, KEY, { known: '"x"', ...options })],
  headObject: ['HeadObject', (root, options) => headObject(root, KEY, options)],
  listObjects: ['ListObjectsV2', (root, options) => Array.fromAsync(listObjects(root, '', options))],
  firstObject: ['ListObjectsV2', (root, options) => firstObject(root, '', options)],
  putObject: ['PutObject', (root, options) => putObject(root, KEY, BYTES, undefined, options)],
  putIfAbsent: ['PutObject', (root, options) => putIfAbsent(root, KEY, BYTES, options)],
  deleteObjects: ['DeleteObjects', (root, options) => deleteObjects(root, [KEY], options)],
  'a part': [
    'CreateMultipartUpload',
    (root, options) => new MultipartUpload(root, KEY, options).put(1, BYTES),
  ],
};

for (const [name, [operation, call]] of Object.entries(CALLS))
  test(`${name} ends with its signal, while S3 does not answer`, async (t) => {
    const { server, root } = await s3For(t);
    server.faults.add({ operation, when: 'before', trouble: 'stall', times: 100 } as Parameters<
      typeof server.faults.add
    >[0]);
    const reason = new LandfallError('CANCELLED', 'the invocation is over');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 50);
    await assert.rejects(call(root, { signal: controller.signal }), (error: unknown) => error === reason);
  });
