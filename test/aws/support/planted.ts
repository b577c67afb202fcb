import assert from 'node:assert/strict';
import type { S3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import type { S3Store } from '../../../shared/aws/s3/store.ts';
import { fsck } from '../../../shared/store/fsck/fsck.ts';
import type { Tree } from '../../conformance/planted-artifacts.ts';

export const TREE: Tree = { 'a.yaml': 'a: 1\n', 'deep/b.yaml': 'b: 2\n', empty: '' };
/** A bucket as the stack makes it: nothing under artifacts/ is replaced. */
export const POLICY = { conditionalKeys: /^artifacts\// };

export const keysOf = (server: S3Server, prefix = ''): readonly string[] => server.bucket().keys(prefix);

/** Puts an object into the bucket that no store put there. */
export const plant = (server: S3Server, key: string, content = ''): void =>
  void server
    .bucket()
    .put(key, { bytes: Buffer.from(content), etag: '"x"', sha256: undefined, contentType: 'x' });

/** The store holds one artifact, whole. */
export async function assertSound(store: S3Store): Promise<void> {
  const report = await fsck(store);
  assert.deepEqual(report.problems, []);
  assert.equal(report.artifacts, 1);
}
