import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import type { Digest } from '../../shared/oci/digest.ts';
import { openRegistry } from '../embedded-registry/test-registry.ts';
import { plantFiles, REPOSITORY } from '../support/artifacts/sample-artifacts.ts';
import { landfall } from '../support/cli.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { plantSignatures } from '../verify/planted-signatures.ts';
import { type LayerSignature, payloadOf, pushLayers } from '../verify/signing.ts';

const skip = skipWithout(['cosign'], 'what cosign signs, and that it decides on signatures as Landfall does');
const run = promisify(execFile);

/** Nothing of it leaves this machine: no log, no TUF. */
async function openScene(t: TestContext) {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const registry = await openRegistry(t);
  const { digest } = plantFiles(registry, '1.0.0', { 'a.txt': 'one' });
  const env = { ...process.env, HOME: folder.path, COSIGN_PASSWORD: '' };
  const cosign = (...argv: readonly string[]) => run('cosign', argv, { cwd: folder.path, env });
  const named = `${registry.host}/${REPOSITORY}@${digest}`;
  const key = async (name: string) => {
    await cosign('generate-key-pair', '--output-key-prefix', name);
    return { secret: join(folder.path, `${name}.key`), pub: join(folder.path, `${name}.pub`) };
  };
  const verify = async (pub: string): Promise<readonly [ours: boolean, theirs: boolean]> => {
    const url = `oci://${registry.host}/${REPOSITORY}:1.0.0`;
    const ours = await landfall(['verify', url, '--plain-http', '--key', pub, '--no-transparency-log']);
    const theirs = await cosign(
      ...['verify', '--key', pub, '--insecure-ignore-tlog=true', '--allow-http-registry', named],
    ).then(
      () => true,
      () => false,
    );
    return [ours.code === 0, theirs];
  };
  return { registry, digest, named, cosign, key, verify, folder: folder.path };
}

const SIGN = ['sign', '--yes', '--tlog-upload=false', '--allow-http-registry'];
for (const [form, more] of [
  ['a bundle', ['--new-bundle-format=true', '--use-signing-config=false']],
  ['a layer', ['--new-bundle-format=false', '--use-signing-config=false']],
] as const) {
  test(`what cosign signs with a key as ${form} is verified, by cosign as by Landfall`, {
    skip,
  }, async (t) => {
    const { cosign, key, named, verify } = await openScene(t);
    const [ours, theirs] = [await key('ours'), await key('theirs')];
    assert.deepEqual(await verify(ours.pub), [false, false], 'before it is signed');
    await cosign(...SIGN, ...more, '--key', ours.secret, named);
    assert.deepEqual(await verify(ours.pub), [true, true]);
    assert.deepEqual(await verify(theirs.pub), [false, false], 'by another key');
  });
}

const OURS = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const THEIRS = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OTHER = `sha256:${'3'.repeat(64)}` as Digest;
const signed = (payload: Buffer, { privateKey } = OURS): LayerSignature => ({
  payload,
  signature: sign('sha256', payload, privateKey).toString('base64'),
});
const changed = (digest: Digest, from: string, to: string): Buffer =>
  Buffer.from(payloadOf(digest).toString().replace(from, to));
const KEY = '"docker-manifest-digest"';

/** What both take and refuse; and what cosign takes that says two things to two readers, or another than it is. */
const MADE: readonly (readonly [
  what: string,
  made: (digest: Digest) => readonly LayerSignature[],
  verdicts: readonly [ours: boolean, theirs: boolean],
])[] = [
  ['a good one', (digest) => [signed(payloadOf(digest))], [true, true]],
  [
    'a good one behind another’s',
    (digest) => [signed(payloadOf(digest), THEIRS), signed(payloadOf(digest))],
    [true, true],
  ],
  ['another’s', (digest) => [signed(payloadOf(digest), THEIRS)], [false, false]],
  ['one of another artifact', () => [signed(payloadOf(OTHER))], [false, false]],
  [
    'a changed payload',
    (digest) => [{ ...signed(payloadOf(digest)), payload: Buffer.from(`${payloadOf(digest)} `) }],
    [false, false],
  ],
  ['no payload', () => [signed(Buffer.from('none'))], [false, false]],
  ['one of another type', (digest) => [signed(changed(digest, 'container image', 'other'))], [false, true]],
  ['a digest twice', (digest) => [signed(changed(digest, KEY, `${KEY}:"x",${KEY}`))], [false, true]],
];
for (const [what, made, verdicts] of MADE) {
  const [ours, theirs] = verdicts.map((isTaken) => (isTaken ? 'takes' : 'refuses'));
  test(`of what stands under an artifact’s .sig Landfall ${ours} ${what}, and cosign ${theirs} it`, {
    skip,
  }, async (t) => {
    const { registry, digest, verify, folder } = await openScene(t);
    await plantSignatures(registry, (memory) => pushLayers(memory, digest, made(digest)));
    const pub = join(folder, 'key.pub');
    writeFileSync(pub, OURS.publicKey.export({ type: 'spki', format: 'pem' }));
    assert.deepEqual(await verify(pub), verdicts);
  });
}
