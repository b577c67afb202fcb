import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { s3SiteBucket } from '../../../shared/aws/s3/site/site-bucket.ts';
import { uploadedFrom } from '../../../shared/aws/s3/site/site-upload.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { MiB } from '../../../shared/limits.ts';
import type { ArtifactStore } from '../../../shared/model/artifact-store.ts';
import type { ArtifactId } from '../../../shared/model/ids.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import { listed, siteBucketSuite } from '../../conformance/site-bucket.ts';
import { rootAt, s3For } from '../support/s3.ts';

const ARTIFACT: ArtifactId = { digest: parseDigest(`sha256:${'ab'.repeat(32)}`), variant: 'default' };
const PREFIX = 'www/docs/';

/** Artifacts of a store that is not in S3. */
const artifactsOf = (files: Readonly<Record<string, string | Buffer>>): Pick<ArtifactStore, 'open'> => ({
  open: async (_, path) => {
    const found = files[path];
    if (found === undefined) throw new LandfallError('ARTIFACT_NOT_FOUND', `${path} is not there`);
    const bytes = Buffer.from(found);
    const chunks = Array.from({ length: Math.ceil(bytes.length / MiB) }, (_, at) =>
      bytes.subarray(at * MiB, (at + 1) * MiB),
    );
    return Readable.from(chunks);
  },
});

async function openUploads(t: TestContext, files: Readonly<Record<string, string | Buffer>>) {
  const { server } = await s3For(t, { buckets: ['landfall', 'site'] });
  const site = rootAt(server, { bucket: 'site', prefix: PREFIX });
  const siteOf = (owner: string) =>
    s3SiteBucket({ site, put: uploadedFrom(artifactsOf(files), ARTIFACT), owner });
  return { server, site: siteOf('live'), other: siteOf('other') };
}

siteBucketSuite('S3, from a store of this machine', async (t, files) => {
  const { server, site, other } = await openUploads(t, files);
  return {
    ...{ site, other },
    read: (path) => {
      const found = server.bucket('site').objects.get(`${PREFIX}${path}`);
      const { contentType = '', cacheControl = '' } = found ?? {};
      return found && { text: found.bytes.toString(), headers: { contentType, cacheControl } };
    },
  };
});

describe('a large file of a site, from a store of this machine', () => {
  const bytes = Buffer.alloc(20 * MiB + 3, 'landfall');
  const file = {
    ...{ path: 'film.mp4', from: 'film.mp4', size: bytes.length, sha256: hash('sha256', bytes) },
    headers: { contentType: 'video/mp4', cacheControl: 'no-cache' },
  };

  test('goes in parts, over what was there, with its headers, and tells the version that is listed', async (t) => {
    const { server, site } = await openUploads(t, { 'film.mp4': bytes });
    for (let time = 0; time < 2; time += 1) {
      const version = await site.copy(file);
      assert.deepEqual(await listed(site), [{ path: 'film.mp4', version }]);
    }
    const stored = server.bucket('site').objects.get(`${PREFIX}film.mp4`);
    assert.equal(hash('sha256', stored?.bytes ?? ''), file.sha256);
    assert.equal(stored?.contentType, 'video/mp4');
  });

  test('that is not as its commit record has it is never seen', async (t) => {
    const { server, site } = await openUploads(t, { 'film.mp4': bytes });
    await assert.rejects(site.copy({ ...file, sha256: hash('sha256', 'else') }), { code: 'STORE_CORRUPT' });
    assert.equal(server.bucket('site').objects.size, 0);
  });
});
