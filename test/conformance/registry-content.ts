import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { isLandfallError } from '../../shared/errors.ts';
import { digestOf, hexOf } from '../../shared/oci/digest.ts';
import { OCI_LAYER_GZIP } from '../../shared/oci/media-types.ts';
import {
  dockerImage,
  dockerList,
  helmChart,
  ociImage,
  ociIndex,
  referrer,
  referrersIndex,
  sample,
} from '../support/artifacts/sample-manifests.ts';
import { type Connect, push, type RegistryTraits, refusal } from './registry-subject.ts';

const MANIFESTS = [
  ['an OCI manifest', ociImage],
  ['an OCI index', ociIndex],
  ['a Docker v2 manifest', dockerImage],
  ['a Docker v2 list', dockerList],
  ['a manifest without mediaType', helmChart],
] as const;

export function contentTests(connect: Connect): void {
  for (const [what, make] of MANIFESTS) {
    test(`reads ${what} by tag and by digest, byte for byte`, async (t) => {
      const subject = connect(t);
      const { client, repository } = subject;
      const image = make('content');
      await push(image, 'v1', subject);
      const { bytes, descriptor } = image.manifest;
      for (const reference of ['v1', descriptor.digest]) {
        const fetched = await client.manifest(repository, reference);
        assert.deepEqual(Buffer.from(fetched.bytes), Buffer.from(bytes));
        assert.equal(fetched.digest, descriptor.digest);
        assert.equal(fetched.contentType, descriptor.mediaType);
      }
      assert.equal(await client.peek(repository, 'v1'), descriptor.digest);
    });
  }

  test('streams a blob whose bytes are those that were pushed', async (t) => {
    const { client, repository } = connect(t);
    const blob = sample(OCI_LAYER_GZIP, randomBytes(3 * 1024 * 1024));
    assert.equal(await client.hasBlob(repository, blob.descriptor.digest), false);
    await client.pushBlob(repository, blob.descriptor, blob.bytes);
    assert.equal(await client.hasBlob(repository, blob.descriptor.digest), true);
    const chunks: Buffer[] = [];
    for await (const chunk of await client.blob(repository, blob.descriptor)) chunks.push(chunk as Buffer);
    assert.ok(chunks.length > 1, 'came in one piece');
    assert.equal(digestOf(Buffer.concat(chunks)), blob.descriptor.digest);
  });

  test('goes on after a blob was left in the middle', async (t) => {
    const subject = connect(t);
    const { client, repository } = subject;
    const blob = sample(OCI_LAYER_GZIP, randomBytes(3 * 1024 * 1024));
    await client.pushBlob(repository, blob.descriptor, blob.bytes);
    await push(ociImage('beside'), 'v1', subject);
    const stream = await client.blob(repository, blob.descriptor);
    for await (const _chunk of stream) break;
    assert.ok(stream.destroyed);
    assert.equal(await client.peek(repository, 'v1'), ociImage('beside').manifest.descriptor.digest);
  });

  test('follows a tag that moves', async (t) => {
    const subject = connect(t);
    for (const image of [ociImage('first'), ociImage('second')]) {
      await push(image, 'latest', subject);
      const { digest } = await subject.client.manifest(subject.repository, 'latest');
      assert.equal(digest, image.manifest.descriptor.digest);
    }
  });

  test('lists every tag', async (t) => {
    const subject = connect(t);
    const tags = ['1.0.0', '1.1.0', '2.0.0-rc.1', 'Latest', '_edge'];
    for (const tag of tags) await push(ociImage('tagged'), tag, subject);
    assert.deepEqual([...(await subject.client.tags(subject.repository))].sort(), tags);
  });
}

export function missingTests(connect: Connect): void {
  test('tells a missing tag, digest and blob from a missing repository', async (t) => {
    const subject = connect(t);
    const { client, repository } = subject;
    await push(ociImage('there'), 'v1', subject);
    const absent = sample(OCI_LAYER_GZIP, 'absent').descriptor;
    const nowhere = { ...repository, repository: `${repository.repository}-nowhere` };
    await assert.rejects(client.manifest(repository, 'v2'), refusal('TAG_NOT_FOUND'));
    await assert.rejects(client.manifest(repository, absent.digest), refusal('TAG_NOT_FOUND'));
    await assert.rejects(client.peek(repository, 'v2'), refusal('TAG_NOT_FOUND'));
    await assert.rejects(client.blob(repository, absent), refusal('BLOB_NOT_FOUND'));
    await assert.rejects(client.tags(nowhere), refusal('REPOSITORY_NOT_FOUND'));
    // Docker's registry says MANIFEST_UNKNOWN of a repository it does not know.
    const either = refusal('TAG_NOT_FOUND', 'REPOSITORY_NOT_FOUND');
    await assert.rejects(client.manifest(nowhere, 'v1'), either);
  });

  test('passes on that a manifest names content that is not there', async (t) => {
    const { client, repository } = connect(t);
    const { descriptor, bytes } = ociImage(`never pushed ${randomBytes(8).toString('hex')}`).manifest;
    const pushed = client.pushManifest(repository, 'v1', descriptor.mediaType, bytes);
    await assert.rejects(pushed, (error) => isLandfallError(error) && error.kind === 'permanent');
    await assert.rejects(client.manifest(repository, 'v1'), refusal('TAG_NOT_FOUND', 'REPOSITORY_NOT_FOUND'));
  });
}

export function referrersTests(connect: Connect, { referrersApi }: RegistryTraits): void {
  test('finds the referrers of a digest', async (t) => {
    const subject = connect(t);
    const { client, repository } = subject;
    const image = ociImage('signed');
    await push(image, 'v1', subject);
    const { descriptor } = image.manifest;
    assert.deepEqual(await client.referrers(repository, descriptor.digest), []);
    const signature = referrer('signature', descriptor);
    await push(signature, signature.manifest.descriptor.digest, subject);
    const described = { ...signature.manifest.descriptor, artifactType: 'application/vnd.example.signature' };
    if (!referrersApi) {
      const index = referrersIndex([described]);
      const tag = `sha256-${hexOf(descriptor.digest)}`;
      await client.pushManifest(repository, tag, index.descriptor.mediaType, index.bytes);
    }
    const found = await client.referrers(repository, descriptor.digest);
    const facts = found.map(({ mediaType, digest, size, artifactType }) => ({
      mediaType,
      digest,
      size,
      artifactType,
    }));
    assert.deepEqual(facts, [described]);
  });
}
