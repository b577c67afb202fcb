import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Digest } from '../../../shared/oci/digest.ts';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles, REPOSITORY } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf, folderFor, landfall } from '../../support/cli.ts';
import { startServe } from '../../support/programs/serving.ts';
import { until } from '../../support/until.ts';
import { plantSignatures } from '../../verify/planted-signatures.ts';
import { payloadOf, pushLayers } from '../../verify/signing.ts';

const OURS = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const THEIRS = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pemOf = ({ publicKey }: { readonly publicKey: KeyObject }): string =>
  publicKey.export({ type: 'spki', format: 'pem' }).toString();
const policyOf = (keys: { readonly publicKey: KeyObject }): string =>
  JSON.stringify({
    policies: [
      { name: 'all', verify: { provider: 'cosign', keys: [{ pem: pemOf(keys) }], transparencyLog: false } },
    ],
  });

interface Shown {
  readonly current: { readonly digest: string; readonly verification?: object } | null;
  readonly conditions: readonly { readonly type: string; readonly reason: string }[];
}

async function openScene(t: TestContext) {
  const registry = await openRegistry(t);
  const home = await folderFor(t);
  const [store, policies, documents] = ['store', 'policies.yaml', 'documents'].map((name) =>
    join(home, name),
  ) as [string, string, string];
  await mkdir(documents);
  const source = `{ name: site, namespace: web, interval: 1s, url: "oci://${registry.host}/${REPOSITORY}", ref: { tag: v1 } }`;
  await writeFile(
    join(documents, 'a.yaml'),
    `sources: [${source}]\ncredentials: [{ registry: "${registry.host}", plainHttp: true }]\n`,
  );
  await writeFile(policies, policyOf(OURS));
  const { digest } = plantFiles(registry, 'v1', { 'a.txt': 'one' });
  const payload = payloadOf(digest as Digest);
  const signature = sign('sha256', payload, OURS.privateKey).toString('base64');
  const signIt = () =>
    plantSignatures(registry, (memory) => pushLayers(memory, digest as Digest, [{ payload, signature }]));
  const status = async () =>
    documentOf<Shown>(await landfall(['status', 'web/site', '--store', store, '--json']));
  return { registry, store, policies, documents, digest, signIt, status };
}

const reasonOf = ({ conditions }: Shown): string | undefined =>
  conditions.find(({ type }) => type === 'Ready')?.reason;

test('serve holds every source to the policies of the installation, and follows them as they change', async (t) => {
  const { store, policies, documents, digest, signIt, status } = await openScene(t);
  const shown = async () => (await landfall(['status', 'web/site', '--store', store])).stdout;
  const becomes = (reason: string) =>
    until(reason, async () => ((await status().then(reasonOf, () => '')) === reason ? true : undefined));
  await startServe(t, { documents: [documents], store, argv: ['--policies', policies] });
  await becomes('SIGNATURE_NOT_FOUND');
  assert.equal((await status()).current, null);
  await signIt();
  await landfall(['reconcile', 'web/site', '--store', store, '--wait']);
  assert.equal((await status()).current?.digest, digest);
  assert.match(await shown(), /\n {2}signed by key sha256:/);
  await writeFile(policies, policyOf(THEIRS));
  await becomes('SIGNATURE_REFUSED');
  assert.match(await shown(), /not verified under the policy it has now: no deploy begins with it/);
  await writeFile(policies, 'policies: [{ name: all, verfy: {} }]');
  await becomes('CONFIG_INVALID');
  await writeFile(policies, policyOf(OURS));
  await becomes('Succeeded');
});

test('policies that cannot be read keep serve from starting, and every command from going on without them', async (t) => {
  const { store, policies, documents } = await openScene(t);
  await writeFile(policies, 'policies: []');
  const given = ['-f', documents, '--policies', policies];
  for (const argv of [
    ['serve', ...given, '--store', store, '--once'],
    ['reconcile', 'web/site', ...given, '--store', store],
    ['explain', 'web/site', ...given],
    ['validate', '--policies', policies],
  ]) {
    const { code, stderr } = await landfall(argv);
    assert.equal(code, 2, `${argv[0]}: ${stderr}`);
    assert.match(stderr, /policies/);
  }
});

test('explain says what the installation wants of a source that wants nothing itself', async (t) => {
  const { policies, documents } = await openScene(t);
  const { stdout } = await landfall(['explain', 'web/site', '-f', documents, '--policies', policies]);
  assert.match(
    stdout,
    /lands only what is signed with cosign by a key .*as policy all of the installation wants it/,
  );
});

test('once serve held the sources to policies, no command by documents given here goes on without them', async (t) => {
  const { store, policies, documents, digest, signIt } = await openScene(t);
  await signIt();
  const given = ['-f', documents, '--store', store];
  assert.equal((await landfall(['serve', ...given, '--policies', policies, '--once'])).code, 0);
  for (const argv of [
    ['reconcile', 'web/site', ...given],
    ['rollback', 'web/site', '--to', digest, ...given],
  ])
    assertRefused(await landfall(argv), {
      code: 'USAGE',
      exit: 2,
      says: /to policies of the installation: all$/m,
      next: /--policies FILE/,
    });
  const { code, stderr } = await landfall(['reconcile', 'web/site', ...given, '--policies', policies]);
  assert.equal(code, 0, stderr);
});
