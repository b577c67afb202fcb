import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Digest } from '../../../shared/oci/digest.ts';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles, REPOSITORY } from '../../support/artifacts/sample-artifacts.ts';
import { landfall } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { plantSignatures } from '../../verify/planted-signatures.ts';
import { openScaffold, WORKFLOW } from '../../verify/scaffold.ts';
import { payloadOf, pushBundle, pushLayers } from '../../verify/signing.ts';
import { TufRepository } from '../../verify/tuf/tuf-repository.ts';

const SCAFFOLD = await openScaffold();
const OURS = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const THEIRS = generateKeyPairSync('ec', { namedCurve: 'P-256' });

async function openScene(t: TestContext) {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const registry = await openRegistry(t);
  const { digest } = plantFiles(registry, '1.0.0', { 'a.txt': 'one' });
  const put = (name: string, text: string): string => {
    const path = join(folder.path, name);
    writeFileSync(path, text);
    return path;
  };
  const pem = ({ publicKey }: { readonly publicKey: KeyObject }): string =>
    publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const url = `oci://${registry.host}/${REPOSITORY}:1.0.0`;
  return {
    registry,
    digest,
    put,
    ours: put('ours.pub', pem(OURS)),
    theirs: put('theirs.pub', pem(THEIRS)),
    root: put('root.json', JSON.stringify(SCAFFOLD.root)),
    url,
    verify: (...argv: readonly string[]) => landfall(['verify', url, '--plain-http', ...argv]),
  };
}

const signed = (digest: Digest, { privateKey } = OURS) => {
  const payload = payloadOf(digest);
  return { payload, signature: sign('sha256', payload, privateKey).toString('base64') };
};

test('verify says who signed, when, where that is logged, and what does not count', async (t) => {
  const { registry, digest, root, verify } = await openScene(t);
  await plantSignatures(registry, async (memory) => {
    pushBundle(memory, digest, await SCAFFOLD.bundle(digest));
    pushLayers(memory, digest, [signed(digest)]);
  });
  const told = await verify('--trusted-root', root);
  assert.equal(told.code, 0, told.stderr);
  const { subject, issuer } = WORKFLOW;
  assert.ok(told.stdout.includes(`signed by ${subject} by ${issuer}, 20`), told.stdout);
  assert.match(told.stdout, /log entry \d+ \(bundle sha256:/);
  assert.match(told.stdout, /does not count: layer 0 of .*: it was made with a key/);
});

test('verify says that there is no signature, and fails only where one is wanted', async (t) => {
  const { ours, verify } = await openScene(t);
  const told = await verify();
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, /no signature/);
  const wanted = await verify('--key', ours, '--no-transparency-log');
  assert.equal(wanted.code, 1);
  assert.match(wanted.stderr, /SIGNATURE_NOT_FOUND/);
});

test('verify holds it to keys, to an identity, and to the policy of a source', async (t) => {
  const { registry, digest, put, ours, theirs, root, url, verify } = await openScene(t);
  await plantSignatures(registry, async (memory) => {
    pushBundle(memory, digest, await SCAFFOLD.bundle(digest));
    pushLayers(memory, digest, [signed(digest)]);
  });
  const source = put(
    'sources.yaml',
    `sources: [{ name: app, url: "${url.replace(':1.0.0', '')}", verify: { provider: cosign, keys: [{ file: ours.pub }], transparencyLog: false } }]`,
  );
  const { issuer, subject } = WORKFLOW;
  const cases: readonly (readonly [argv: readonly string[], code: number])[] = [
    [['--key', ours, '--no-transparency-log'], 0],
    [['--key', theirs, '--no-transparency-log'], 1],
    [['--key', ours, '--key', theirs, '--no-transparency-log'], 1],
    [['--key', ours, '--trusted-root', root], 1],
    [['--issuer', issuer, '--subject', subject, '--trusted-root', root], 0],
    [['--issuer', issuer, '--subject', 'https://github.com/acme', '--trusted-root', root], 1],
    [['--issuer', issuer, '--subject', subject], 1],
    [['--source', 'app', '-f', source], 0],
    [['--issuer', issuer], 2],
    [['--source', 'other', '-f', source], 2],
  ];
  for (const [argv, code] of cases) {
    const ended = await verify(...argv);
    assert.equal(ended.code, code, `${argv.join(' ')}\n${ended.stdout}${ended.stderr}`);
  }
  const json = await verify('--key', theirs, '--no-transparency-log', '--json');
  const { verified, passedOver } = JSON.parse(json.stdout) as {
    readonly verified: boolean;
    readonly passedOver: readonly unknown[];
  };
  assert.deepEqual([verified, passedOver.length], [false, 2]);
});

test("verify reaches the registry as a source's documents say, and refuses what it would not read", async (t) => {
  const { registry, digest, put, ours, url, verify } = await openScene(t);
  await plantSignatures(registry, async (memory) => pushLayers(memory, digest, [signed(digest)]));
  const source = {
    name: 'app',
    url: url.replace(/:1\.0\.0$/, ''),
    verify: { provider: 'cosign', keys: [{ file: ours }], transparencyLog: false },
  };
  const credentials = [{ registry: registry.host, plainHttp: true }];
  const document = put('sources.yaml', JSON.stringify({ sources: [source], credentials }));
  const told = await landfall(['verify', url, '--source', 'app', '-f', document]);
  assert.equal(told.code, 0, told.stderr);
  for (const [argv, why] of [
    [['--source', 'app', '-f', document, '--key', ours], /--source says who has to have signed/],
    [['--source', 'app', '-f', document, '--no-transparency-log'], /--source says who has to have signed/],
    [['--key', ours, '-f', document], /--source is missing/],
    [['--policies', document], /--source is missing/],
    [['--source', 'app'], /USAGE: --source is a source of documents, and -f is missing/],
  ] as const) {
    const ended = await verify(...argv);
    assert.equal(ended.code, 2, argv.join(' '));
    assert.match(ended.stderr, why);
  }
});

test('verify and explain say which root was used, of when it is, and until when it is good', async (t) => {
  const { registry, digest, put, root, url, verify } = await openScene(t);
  await plantSignatures(registry, async (memory) => {
    pushBundle(memory, digest, await SCAFFOLD.bundle(digest));
  });
  assert.match(
    (await verify('--trusted-root', root)).stdout,
    /root\.json, newest log of 20\d\d-.*, with no end/,
  );
  const tuf = new TufRepository().publish(JSON.stringify(SCAFFOLD.root));
  const mirror = await tuf.open(t);
  const { issuer, subject } = WORKFLOW;
  const source = {
    name: 'app',
    url: url.replace(/:1\.0\.0$/, ''),
    ref: { tag: '1.0.0' },
    verify: {
      provider: 'cosign',
      identities: [{ issuer, subject }],
      trustedRoot: { tuf: mirror, root: { file: put('first.json', tuf.first) }, local: true },
    },
  };
  const document = put('app.yaml', JSON.stringify({ sources: [source] }));
  const by = new RegExp(`by the trusted root of ${mirror} by TUF, refreshed 20.*, good until 20`);
  const told = await verify('--source', 'default/app', '-f', document);
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, by);
  assert.match((await landfall(['explain', 'app', '-f', document, '--plain-http'])).stdout, by);
  tuf.files.set('timestamp.json', { status: 500 });
  const failed = await verify('--source', 'default/app', '-f', document);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /TRUST_UNAVAILABLE/);
});
