import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { S3Bucket, S3Object } from '../../../aws-stand-ins/s3/s3-bucket.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import {
  ARTIFACTS_PREFIX,
  fileKey,
  parseRecordKey,
  parseStatusKey,
  recordKey,
  SOURCES_PREFIX,
} from '../../../shared/store/layout.ts';
import type { Json } from '../../support/template-host/json.ts';
import type { Story } from './story.ts';

const jsonOf = ({ bytes }: S3Object): Json => JSON.parse(bytes.toString('utf8')) as Json;

/** A commit record implies every file it lists, with its digest. */
function assertRecords({ objects }: S3Bucket): void {
  for (const [key, object] of objects) {
    const id = key.startsWith(ARTIFACTS_PREFIX) ? parseRecordKey(key) : undefined;
    if (id === undefined) continue;
    const { files } = jsonOf(object) as unknown as {
      readonly files: readonly { readonly path: string; readonly sha256: string; readonly size: number }[];
    };
    assert.ok(files.length > 0, key);
    for (const { path, sha256, size } of files) {
      const file = objects.get(fileKey(id, path));
      assert.equal(file?.bytes.length, size, `${path} of ${key}`);
      const digest = createHash('sha256')
        .update(file?.bytes ?? '')
        .digest('hex');
      assert.equal(digest, sha256.replace('sha256:', ''), `${path} of ${key}`);
    }
  }
}

/** Status names only committed digests; each generation it counts has told an event, unless it waits in the outbox. */
function assertStatuses({ bucket, details }: Story): void {
  for (const [key, object] of bucket.objects) {
    const id = key.startsWith(SOURCES_PREFIX) ? parseStatusKey(key) : undefined;
    if (id === undefined) continue;
    const { current, outbox } = jsonOf(object) as {
      readonly current: {
        readonly digest: string;
        readonly variant: string;
        readonly generation: number;
      } | null;
      readonly outbox: readonly unknown[];
    };
    if (current === null) continue;
    const { variant, generation } = current;
    const record = recordKey({ digest: parseDigest(current.digest), variant });
    assert.ok(bucket.objects.has(record), `${key} names ${record}`);
    const generations = new Map(
      details('Artifact Revision Changed', id).map(({ generation, id: event }) => [generation, event]),
    );
    const wanted = Array.from({ length: generation - (outbox.length > 0 ? 1 : 0) }, (_, at) => at + 1);
    for (const each of wanted) assert.ok(generations.has(each), `${key}: generation ${each} told no event`);
    assert.ok(
      [...generations.keys()].every((told) => Number(told) <= generation),
      `${key}: told what is not`,
    );
  }
}

/**
 * What has to be true at every moment, whatever has failed: seen from outside, in the bucket and on the bus. And no
 * function asked for what its role does not have.
 */
export function assertSound(story: Story): void {
  assert.deepEqual(story.host.refused, []);
  assertRecords(story.bucket);
  assertStatuses(story);
}

/** Each generation has one event, however often it was told: the ids of repeats are equal. */
export function idsByGeneration(details: readonly Json[]): ReadonlyMap<unknown, ReadonlySet<unknown>> {
  const ids = new Map<unknown, Set<unknown>>();
  for (const { generation, id } of details) ids.set(generation, (ids.get(generation) ?? new Set()).add(id));
  return ids;
}
