import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { verify, type WantedSignatures } from '../../library/verify.ts';
import { OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { MemoryRegistry } from '../support/servers/memory-registry.ts';
import { imageOf, pushImage } from '../support/stores/memory-sources.ts';
import { payloadOf, pushLayers } from '../verify/signing.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OURS = pair();
const keyOf = ({ publicKey }: typeof OURS) => ({
  pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
});

const HERE = { plainHttp: true, local: true };

/** A registry that is asked over HTTP for one artifact, signed by us with no log. */
async function signed() {
  const registry = new MemoryRegistry();
  const digest = pushImage(registry, 'latest', imageOf({ 'a.txt': 'one' }));
  const payload = payloadOf(digest);
  pushLayers(registry, digest, [
    { payload, signature: sign('sha256', payload, OURS.privateKey).toString('base64') },
  ]);
  const repository = { registry: 'r.example', repository: 'app' };
  const server = createServer(async ({ url = '' }, response) => {
    const [, kind, name = ''] = /^\/v2\/app\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    const blob = kind === 'blobs' ? [...registry.blobs].find(([each]) => each === name)?.[1] : undefined;
    const found =
      kind === 'manifests' ? await registry.manifest(repository, name).catch(() => undefined) : undefined;
    const bytes = blob ?? found?.bytes;
    if (bytes === undefined) return void response.writeHead(404).end();
    const type = found === undefined ? 'application/octet-stream' : OCI_MANIFEST;
    response.writeHead(200, { 'content-type': type, 'content-length': bytes.length });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { url: `oci://127.0.0.1:${address.port}/app:latest`, server };
}

test('verify of the library takes what was signed as wanted, and loosens nothing by what is left undefined', async (t) => {
  const { url, server } = await signed();
  t.after(() => server.close());
  const ours = { keys: [keyOf(OURS)], transparencyLog: false };
  assert.equal((await verify(url, ours, HERE)).signatures.length, 1);
  // As plain JavaScript hands on a variable that is not set.
  const unset: readonly Readonly<Record<string, unknown>>[] = [
    { ...ours, transparencyLog: undefined },
    { ...ours, keys: [keyOf(OURS), keyOf(pair())], require: undefined },
  ];
  for (const wanted of unset)
    await assert.rejects(verify(url, wanted as WantedSignatures, HERE), { code: 'SIGNATURE_REFUSED' });
});

for (const wanted of [{}, { keys: [] }, { keys: [], require: 0 }] satisfies readonly WantedSignatures[])
  test(`verify of the library that wants ${JSON.stringify(wanted)} verifies nothing, and says so`, async () => {
    await assert.rejects(verify('oci://r.example/app:latest', wanted), { code: 'CONFIG_INVALID' });
  });
