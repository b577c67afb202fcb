import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRegistry, plant } from '../../embedded-registry/test-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { ociImage, ociIndex, referrer } from '../../support/artifacts/sample-manifests.ts';
import { assertRefused, documentOf, landfall } from '../../support/cli.ts';

const FILES = { 'app.yaml': 'version: 1\n' };

test('copy promotes the best of a range under the tag it had, and says how to name it', async (t) => {
  const registry = await openRegistry(t);
  plantFiles(registry, '1.0.0', FILES, { repository: 'staging/app' });
  const { digest } = plantFiles(registry, '1.1.0', { ...FILES, more: '1' }, { repository: 'staging/app' });
  const [from, to] = [`oci://${registry.host}/staging/app`, `oci://${registry.host}/production/app`];
  const ended = await landfall([
    'copy',
    from,
    '--semver',
    '1.x',
    to,
    '--plain-http',
    '--tag',
    'stable',
    '--json',
  ]);
  const document = documentOf(ended);
  assert.deepEqual(document['tags'], ['stable']);
  assert.equal(document['digest'], digest);
  assert.equal(document['revision'], `stable@${digest}`);
  const own = await landfall(['copy', `${from}:1.1.0`, to, '--plain-http']);
  assert.equal(own.stdout, `${to}:1.1.0@${digest}\n`);
  assert.match(own.stderr, /0 blobs sent/);
});

test('tag gives an artifact more tags and changes nothing of it', async (t) => {
  const registry = await openRegistry(t);
  const { digest } = plantFiles(registry, '1.0.0', FILES);
  const url = `oci://${registry.host}/team/app`;
  const ended = await landfall(['tag', `${url}:1.0.0`, 'stable', 'latest', '--plain-http']);
  assert.equal(ended.stdout, `${url}:stable@${digest}\n${url}:latest@${digest}\n`);
  assert.equal(registry.content.repository('team/app')?.tags.get('latest'), digest);
});

test('inspect shows the parts, the annotations and who refers to it', async (t) => {
  const registry = await openRegistry(t);
  const { manifest, children } = plant(registry, 'team/app', '1.0.0', ociIndex('of two'));
  const signature = plant(registry, 'team/app', 'x', referrer('signature', manifest.descriptor));
  const url = `oci://${registry.host}/team/app:1.0.0`;
  const document = documentOf(await landfall(['inspect', url, '--plain-http', '--json']));
  assert.equal(document['digest'], manifest.descriptor.digest);
  const digestsOf = (key: string) =>
    (document[key] as readonly { digest: string }[]).map(({ digest }) => digest);
  assert.deepEqual(
    digestsOf('manifests'),
    children.map(({ descriptor }) => descriptor.digest),
  );
  assert.deepEqual(digestsOf('referrers'), [signature.manifest.descriptor.digest]);
  const text = await landfall(['inspect', url, '--plain-http']);
  assert.match(text.stdout, /^revision {6}1\.0\.0@sha256:/m);
  assert.match(text.stdout, /^manifest .* linux\/arm64$/m);
  assert.match(text.stdout, /^referrer .*application\/vnd\.example\.signature$/m);
});

test("inspect --raw prints the manifest's own bytes", async (t) => {
  const registry = await openRegistry(t);
  const { manifest } = plant(registry, 'team/app', '1.0.0', ociImage('bytes'));
  const ended = await landfall(['inspect', `oci://${registry.host}/team/app:1.0.0`, '--plain-http', '--raw']);
  assert.equal(ended.stdout, Buffer.from(manifest.bytes).toString());
});

test('inspect shows what nobody can unpack, and says why nobody can', async (t) => {
  const registry = await openRegistry(t);
  const odd = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: 'application/x-odd', layers: 'none' }),
  );
  registry.content.addManifest('team/app', 'application/vnd.oci.image.manifest.v1+json', odd, { tag: 'odd' });
  const ended = await landfall(['inspect', `oci://${registry.host}/team/app:odd`, '--plain-http']);
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(ended.stdout, /^media type {4}application\/x-odd$/m);
  assert.match(ended.stderr, /^note: MEDIA_TYPE_UNSUPPORTED: /m);
});

test('list shows versions first, newest first, and one bad tag hides no other', async (t) => {
  const registry = await openRegistry(t);
  for (const tag of ['1.2.0', '1.10.0', 'main', `sha256-${'a'.repeat(64)}.sig`])
    plantFiles(registry, tag, { ...FILES, tag });
  registry.content.moveTag('team/app', 'gone', `sha256:${'0'.repeat(64)}` as never);
  const ended = await landfall(['list', `oci://${registry.host}/team/app`, '--plain-http', '--json']);
  assert.equal(ended.code, 1);
  const { tags, listed } = JSON.parse(ended.stdout) as {
    tags: readonly { tag: string; error?: { code: string } }[];
    listed: number;
  };
  assert.deepEqual(
    tags.map(({ tag, error }) => [tag, error?.code]),
    [
      ['1.10.0', undefined],
      ['1.2.0', undefined],
      ['main', undefined],
      ['gone', 'TAG_NOT_FOUND'],
    ],
  );
  assert.equal(listed, 5);
  const limited = await landfall(['list', `oci://${registry.host}/team/app`, '--plain-http', '--limit', '1']);
  assert.match(limited.stdout, /^TAG +DIGEST +CREATED +REVISION\n1\.10\.0 +sha256:/);
  assert.match(limited.stderr, /3 more tags; --limit 4 shows all/);
});

const MISUSED: readonly (readonly [string, readonly string[], RegExp, RegExp])[] = [
  [
    'a copy onto a digest',
    ['copy', 'oci://a.example/b:1', `oci://a.example/c@sha256:${'a'.repeat(64)}`],
    /keeps its digest/,
    /--help/,
  ],
  ['a tag of another repository', ['tag', 'oci://a.example/b:1', 'c/d:2'], /is no tag/, /landfall copy/],
  ['a list of one tag', ['list', 'oci://a.example/b:1'], /is for a repository/, /landfall inspect/],
  ['a limit of nothing', ['list', 'oci://a.example/b', '--limit', '0'], /--limit "0"/, /--help/],
  [
    'a copy from plain HTTP that is not asked for',
    ['copy', 'http://a.example/b:1', 'oci://a.example/c'],
    /http:/,
    /oci:\/\/a\.example\/b:1 with --plain-http/,
  ],
];
for (const [name, argv, says, next] of MISUSED) {
  test(`${name} is a mistake that is said before anything is asked`, async () => {
    const ended = await landfall(argv);
    const code = /^landfall: (\w+):/.exec(ended.stderr)?.[1];
    assertRefused(ended, { code: code === 'REFERENCE_INVALID' ? code : 'USAGE', exit: 2, says, next });
  });
}
