import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { file, tar } from '../../support/artifacts/tar-builder.ts';
import { assertRefused, documentOf, folderFor, landfall, landfallProcess } from '../../support/cli.ts';
import { writeFiles } from '../../support/programs/oci-tools.ts';

const CHART = { 'Chart.yaml': 'apiVersion: v2\nname: tide\nversion: 1.2.3+b\n', 'values.yaml': 'a: 1\n' };

test('push --helm pushes a folder below the URL, under its own name and version', async (t) => {
  const registry = await openRegistry(t);
  const folder = await folderFor(t);
  await writeFiles(join(folder, 'chart'), CHART);
  const charts = `oci://${registry.host}/charts`;
  const pushed = documentOf(
    await landfall(['push', '--helm', join(folder, 'chart'), charts, '--plain-http', '--json']),
  );
  assert.equal(pushed['url'], `${charts}/tide`);
  assert.equal(pushed['tag'], '1.2.3_b');
  const out = join(folder, 'out');
  const pulled = documentOf(
    await landfall(['pull', `${charts}/tide:1.2.3_b`, '-o', out, '--plain-http', '--json']),
  );
  assert.equal(pulled['contentDigest'], pushed['contentDigest']);
  assert.equal(await readFile(join(out, 'tide/values.yaml'), 'utf8'), 'a: 1\n');
});

test('push --helm takes what helm package made as it is, with its provenance', async (t) => {
  const registry = await openRegistry(t);
  const folder = await folderFor(t);
  const archive = join(folder, 'tide-1.2.3+b.tgz');
  const bytes = gzipSync(tar(...Object.entries(CHART).map(([path, text]) => file(`tide/${path}`, text))));
  await writeFile(archive, bytes);
  await writeFile(`${archive}.prov`, '-----BEGIN PGP SIGNED MESSAGE-----\n');
  const ended = await landfall([
    'push',
    '--helm',
    archive,
    `oci://${registry.host}/charts/tide:1.2.3_b`,
    '--plain-http',
    '--json',
  ]);
  const { digest } = documentOf<{ digest: string }>(ended);
  const content = registry.content.repository('charts/tide');
  const { layers } = JSON.parse(content?.manifests.get(digest as never)?.bytes.toString() ?? '');
  assert.deepEqual(
    layers.map(({ mediaType }: { mediaType: string }) => mediaType),
    [
      'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
      'application/vnd.cncf.helm.chart.provenance.v1.prov',
    ],
  );
  assert.deepEqual(content?.blobs.get(layers[0].digest), bytes);
});

for (const flags of [[], ['--files']])
  test(`push - ${flags.join(' ')} makes one file of what is piped in, as flux push artifact --path - does`, async (t) => {
    const registry = await openRegistry(t);
    const [folder, temporary] = [await folderFor(t), await folderFor(t)];
    const url = `oci://${registry.host}/team/built:1`;
    const input = 'kind: ConfigMap\n';
    const argv = ['push', '-', url, '--plain-http', '--json', ...flags];
    documentOf(await landfallProcess(argv, { input, env: { TMPDIR: temporary } }));
    documentOf(await landfall(['pull', url, '-o', join(folder, 'out'), '--plain-http', '--json']));
    assert.equal(await readFile(join(folder, 'out', 'manifests.yaml'), 'utf8'), input);
    assert.deepEqual(await readdir(temporary), []);
  });

test('push - of nothing pushes nothing: what was to make it has failed', async (t) => {
  const registry = await openRegistry(t);
  const url = `oci://${registry.host}/team/built:1`;
  const ended = await landfallProcess(['push', '-', url, '--plain-http', '--json']);
  assertRefused(ended, { code: 'USAGE', exit: 2, says: /nothing came/, next: /./ });
  assert.equal(registry.content.repository('team/built'), undefined);
});

test('push --files makes a layer of each file, which pull puts back', async (t) => {
  const registry = await openRegistry(t);
  const folder = await folderFor(t);
  await writeFiles(join(folder, 'in'), { 'a.json': '{}', 'b/c.txt': 'c' });
  const url = `oci://${registry.host}/team/files:1`;
  const argv = [
    'push',
    '--files',
    join(folder, 'in'),
    url,
    '--artifact-type',
    'application/x.policy',
    '--plain-http',
    '--json',
  ];
  const pushed = documentOf(await landfall(argv));
  const inspected = documentOf(await landfall(['inspect', url, '--plain-http', '--json']));
  assert.equal(inspected['artifactType'], 'application/x.policy');
  assert.equal((inspected['layers'] as readonly unknown[]).length, 2);
  const pulled = documentOf(
    await landfall(['pull', url, '-o', join(folder, 'out'), '--plain-http', '--json']),
  );
  assert.equal(pulled['contentDigest'], pushed['contentDigest']);
  assert.equal(await readFile(join(folder, 'out/b/c.txt'), 'utf8'), 'c');
});

test('what contradicts itself is said before anything is sent', async (t) => {
  const registry = await openRegistry(t);
  const folder = await folderFor(t);
  const chart = await writeFiles(join(folder, 'chart'), CHART);
  const bare = await writeFiles(join(folder, 'bare'), { a: '1' });
  await writeFile(join(folder, 'x.tgz'), gzipSync(tar(file('a', '1'))));
  const url = `oci://${registry.host}/charts`;
  const cases = [
    {
      argv: ['--helm', chart, `${url}/other:1.2.3_b`],
      code: 'USAGE',
      says: /is tide 1\.2\.3\+b/,
      next: /oci:.*\/charts$/,
    },
    {
      argv: ['--helm', chart, `${url}/tide:1.2.4`],
      code: 'USAGE',
      says: /no other name and tag/,
      next: /as with helm push/,
    },
    {
      argv: ['--helm', bare, url],
      code: 'CONFIG_INVALID',
      says: /has no Chart\.yaml/,
      next: /Leave --helm out/,
    },
    {
      argv: ['--helm', join(folder, 'x.tgz'), url],
      code: 'CONFIG_INVALID',
      says: /no packaged chart/,
      next: /helm package/,
    },
    { argv: ['--helm', '--files', chart, url], code: 'USAGE', says: /different artifacts/, next: /--help/ },
    { argv: ['--artifact-type', 'a/b', bare, url], code: 'USAGE', says: /is for --files/, next: /--help/ },
  ] as const;
  for (const { argv, code, says, next } of cases)
    assertRefused(await landfall(['push', ...argv, '--plain-http']), { code, exit: 2, says, next });
  assert.equal(registry.requests.count(), 0);
});
