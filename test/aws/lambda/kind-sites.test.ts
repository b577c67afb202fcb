import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { env } from 'node:process';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { kindSites } from '../../../functions/lambda/deploys/kind-sites.ts';
import { systemClock } from '../../../shared/clock.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import { fileKey } from '../../../shared/store/layout.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { s3For } from '../support/s3.ts';

const TEXT = '<p>one</p>';
const FILE = {
  path: 'index.html',
  from: 'public/index.html',
  size: TEXT.length,
  sha256: createHash('sha256').update(TEXT).digest('hex'),
  headers: { contentType: 'text/html', cacheControl: 'no-cache' },
};

for (const [where, region, operations, variant = 'default'] of [
  ['in the region of the store is copied by S3', undefined, ['CopyObject']],
  ['of an artifact that is packed is read and put', undefined, ['PutObject'], 'default--pack'],
  ['in another region is read and put, and signed for there', 'us-east-1', ['PutObject']],
] as const)
  test(`a site ${where}`, async (t) => {
    const { server, root } = await s3For(t, { buckets: ['landfall', 'site'] });
    env['AWS_ENDPOINT_URL_S3'] = server.url;
    t.after(() => delete env['AWS_ENDPOINT_URL_S3']);
    const artifact = { digest: parseDigest(`sha256:${'ab'.repeat(32)}`), variant };
    await root.client.send({ method: 'PUT', key: fileKey(artifact, FILE.from), body: Buffer.from(TEXT) });
    server.forget();
    const deploys = { artifacts: { open: async () => Readable.from([Buffer.from(TEXT)]) } };
    const sites = kindSites({ region: 'eu-central-1', store: root, deploys: deploys as never });
    const aws = { ...accessAt('http://127.0.0.1:9', systemClock), region };
    const open = await sites({ role: undefined } as never, aws)(
      { bucket: 'site', prefix: 'www/' },
      { owner: 'live', artifact },
    );
    await open('').copy(FILE);
    assert.equal(server.bucket('site').objects.get('www/index.html')?.bytes.toString(), TEXT);
    const written = server.served.filter(({ operation }) => operation !== 'GetObject');
    assert.deepEqual(
      written.map(({ operation, region: signed }) => [operation, signed]),
      operations.map((operation) => [operation, region ?? 'eu-central-1']),
    );
  });
