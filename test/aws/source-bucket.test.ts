import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compiledSchema, EMPTY_COMPILED } from '../../shared/aws/configuration/compiled.ts';
import { deleteDocuments, refreshConfiguration } from '../../shared/aws/configuration/source-bucket.ts';
import { LandfallError } from '../../shared/errors.ts';
import { parseDerived } from '../../shared/store/derived.ts';
import { CONFIGURATION_KEY, documentKey } from '../../shared/store/layout.ts';
import { document, id, openBucket, source } from './compiled-bucket.ts';

test('puts what the documents define in force, and asks for a reconcile of it', async () => {
  const { put, refresh, looked, triggers } = openBucket();
  await put('a.yaml', document(source('site'), source('app')));
  await put('b/c.yaml', `receivers: [{ name: ci, type: generic, registry: r.example, secret: { ssm: a } }]`);
  const inForce = await refresh();
  assert.equal(inForce.sourceOf(id('site'))?.url, 'oci://r.example/site');
  assert.deepEqual(looked(), ['site', 'app']);
  const compiled = await triggers();
  assert.deepEqual(
    compiled?.sources.map(({ name }) => name),
    ['site', 'app'],
  );
  assert.deepEqual(
    compiled?.receivers.map(({ name }) => name),
    ['ci'],
  );
});

test('looks only at what a change altered', async () => {
  const { put, refresh, looked } = openBucket();
  await put('a.yaml', document(source('site'), source('app')));
  await refresh();
  looked();
  await refresh();
  assert.deepEqual(looked(), []);
  await put('a.yaml', document(source('site'), source('app', ', ref: { tag: stable }'), source('new')));
  await refresh();
  assert.deepEqual(looked(), ['app', 'new']);
});

test('a document that is there already is not written again', async () => {
  const { put } = openBucket();
  assert.equal(await put('a.yaml', document(source('site'))), true);
  assert.equal(await put('a.yaml', document(source('site'))), false);
});

test('a source that turns bad stalls alone, and says where and why', async () => {
  const { put, refresh, looked, triggers } = openBucket();
  await put('a.yaml', document(source('site'), source('app')));
  await refresh();
  looked();
  await put('a.yaml', document(source('site', ', intervall: 5m'), source('app')));
  const inForce = await refresh();
  assert.match(
    inForce.stalledOf(id('site'))?.message ?? '',
    /^a\.yaml:2:\d+: sources\[0\]: unknown key "intervall"; did you mean "interval"\?$/,
  );
  assert.equal(inForce.stalledOf(id('app')), undefined);
  assert.equal(inForce.sourceOf(id('site'))?.intervalMs, 300_000, 'the last good one stays');
  assert.deepEqual(looked(), ['site']);
  assert.deepEqual(
    (await triggers())?.sources.map(({ name }) => name),
    ['app'],
  );
  await put('a.yaml', document(source('site'), source('app')));
  const corrected = await refresh();
  assert.equal(corrected.stalledOf(id('site')), undefined);
  assert.deepEqual(looked(), ['site']);
});

for (const [what, text] of [
  ['is no YAML', 'sources: [\n'],
  ['has an unknown key at its top', `${document(source('site'), source('app'))}credentialls: []\n`],
  ['is longer than a document may be', `# ${'x'.repeat(256 * 1024)}\n`],
] as const) {
  test(`a document that ${what} stalls its own sources, and its receivers and credentials stay in force`, async () => {
    const { put, refresh, triggers } = openBucket();
    const rest = `credentials: [{ registry: r.example, username: a, password: { env: A } }]
receivers: [{ name: ci, type: generic, registry: r.example, secret: { ssm: a } }]
`;
    await put('a.yaml', document(source('site'), source('app')) + rest);
    await put('b.yaml', document(source('other')));
    await refresh();
    await put('a.yaml', text);
    const { compiled, stalledOf, sourceOf } = await refresh();
    assert.match(compiled.problems.join('\n'), /^a\.yaml:\d+:\d+: /);
    assert.equal(compiled.files['a.yaml']?.credentials.length, 1);
    const listed = (await triggers())?.sources.map(({ name }) => name) ?? [];
    assert.ok(listed.includes('other'));
    assert.equal(stalledOf(id('other')), undefined);
    for (const name of ['site', 'app']) assert.ok(sourceOf(id(name)), `${name} is still known`);
    assert.equal((await triggers())?.receivers.length, 1);
  });
}

test('a bad credential, receiver or deploy stays what it was, and takes nothing beside it along', async () => {
  const { put, refresh, triggers } = openBucket();
  const rest = (user: string, more = ''): string =>
    `credentials: [{ registry: r.example, username: ${user}, password: { env: A } ${more} }, { registry: q.example, username: a, password: { env: A } }]
receivers: [{ name: ci, type: generic, registry: r.example, secret: { ssm: a } ${more} }, { name: cd, type: generic, registry: r.example, secret: { ssm: b } }]
deploys: [{ name: d, kind: command, source: site, command: [a] ${more} }, { name: e, kind: command, source: site, command: [a] }]
`;
  await put('a.yaml', document(source('site')) + rest('a'));
  await refresh();
  await put('a.yaml', document(source('site'), source('new')) + rest('b', ', nope: 1'));
  const { compiled, sourceOf } = await refresh();
  assert.ok(sourceOf(id('new')));
  assert.deepEqual(compiled.stalled, []);
  const { credentials = [], deploys = [] } = compiled.files['a.yaml'] ?? {};
  assert.deepEqual(
    credentials.map(({ registry, username }) => `${registry} ${JSON.stringify(username)}`),
    ['q.example "a"', 'r.example "a"'],
  );
  assert.deepEqual((await triggers())?.receivers.map(({ name }) => name).toSorted(), ['cd', 'ci']);
  assert.deepEqual(deploys.map(({ name }) => name).toSorted(), ['d', 'e']);
  assert.equal(compiled.problems.length, 3);
});

test('a name that two documents take stalls, whoever was first', async () => {
  const { put, refresh } = openBucket();
  await put('a.yaml', document(source('site'), source('app')));
  await put('b.yaml', document(source('site', ', ref: { tag: b }')));
  const { stalledOf } = await refresh();
  assert.match(
    stalledOf(id('site'))?.message ?? '',
    /^b\.yaml:2:\d+: sources\[0\]: source default\/site is already defined at a\.yaml:2:\d+$/,
  );
  assert.equal(stalledOf(id('app')), undefined);
});

test('a receiver whose name another document takes stays whose it was, and the other is told so', async () => {
  const { objects, put, refresh, triggers } = openBucket();
  const receiver = (registry: string): string =>
    `receivers:\n  - { name: ci, type: generic, registry: ${registry}, secret: { ssm: a } }\n`;
  const registries = async () => (await triggers())?.receivers.map(({ registry }) => registry);
  await put('b.yaml', receiver('b.example'));
  await refresh();
  await put('a.yaml', receiver('a.example') + receiver('a2.example').replace('receivers:\n', ''));
  const { compiled } = await refresh();
  assert.deepEqual(await registries(), ['b.example']);
  assert.deepEqual(
    compiled.problems.map((problem) => problem.replace(/:\d+$/, '')),
    [
      'a.yaml:2:5: receivers[0]: receiver ci is already defined at b.yaml:2',
      'a.yaml:3:5: receivers[1]: receiver ci is already defined at b.yaml:2',
    ],
  );
  await refresh();
  assert.deepEqual(await registries(), ['b.example']);
  await deleteDocuments(['b.yaml'], objects);
  await refresh();
  assert.deepEqual(await registries(), [], 'of two that were not in force neither is');
  await put('a.yaml', receiver('a.example'));
  await refresh();
  assert.deepEqual(await registries(), ['a.example']);
});

test('a document that is taken away takes its sources with it', async () => {
  const { objects, put, refresh } = openBucket();
  await put('a.yaml', document(source('site')));
  await put('b.yaml', document(source('app')));
  await refresh();
  await deleteDocuments(['b.yaml'], objects);
  const { sourceOf } = await refresh();
  assert.ok(sourceOf(id('site')));
  assert.equal(sourceOf(id('app')), undefined);
});

test('files that are no documents are left alone', async () => {
  const { objects, refresh } = openBucket();
  await objects.putIfAbsent(documentKey('README.md'), Buffer.from('# hello: ['));
  assert.deepEqual((await refresh()).compiled.problems, []);
});

test('a run that dies before the queue has what changed leaves it to the next', async () => {
  const { objects, put, looked, queue } = openBucket();
  await put('a.yaml', document(source('site')));
  const broken = { enqueue: async () => Promise.reject(new LandfallError('QUEUE_UNAVAILABLE', 'down')) };
  await assert.rejects(refreshConfiguration({ objects, queue: broken }), { code: 'QUEUE_UNAVAILABLE' });
  await refreshConfiguration({ objects, queue });
  assert.deepEqual(looked(), ['site']);
  await refreshConfiguration({ objects, queue });
  assert.deepEqual(looked(), []);
});

test('functions that compile at the same time end at what the documents say', async () => {
  const { objects, queue, put, looked } = openBucket();
  await put('a.yaml', document(source('site')));
  await Promise.all([1, 2, 3, 4].map(() => refreshConfiguration({ objects, queue })));
  assert.ok(looked().includes('site'));
  const compiled = parseDerived(
    compiledSchema,
    (await objects.get(CONFIGURATION_KEY))?.bytes ?? Buffer.alloc(0),
  );
  assert.deepEqual([compiled?.pending, Object.keys(compiled?.files ?? {})], [[], ['a.yaml']]);
});

test('what another version compiled, or what is not of its shape, is made anew', async () => {
  const { objects, put, refresh, looked } = openBucket();
  await put('a.yaml', document(source('site')));
  const ours = (changed: object): string => JSON.stringify({ ...EMPTY_COMPILED, ...changed });
  const file = { sources: [], credentials: [], receivers: [] };
  for (const text of [
    ...['{"formatVersion":99,"files":{}}', 'null', 'no JSON', '[]', '{"formatVersion":2}'],
    ...[ours({ files: [] }), ours({ stalled: [{}] }), ours({ pending: [1] }), ours({ problems: null })],
    ...[[null], [{ namespace: 'default' }], {}, 'site'].map((sources) =>
      ours({ files: { 'a.yaml': { ...file, sources } } }),
    ),
    ours({ files: { 'a.yaml': { ...file, credentials: {} } } }),
  ]) {
    const before = await objects.get(CONFIGURATION_KEY);
    await objects.replace(CONFIGURATION_KEY, Buffer.from(text), before?.version);
    assert.ok((await refresh()).sourceOf(id('site')), text);
    assert.deepEqual(looked(), ['site']);
  }
});

test('a source that is to be kept goes on under its last good document, and only while it says so', async () => {
  const { put, refresh, triggers } = openBucket();
  await put('a.yaml', document(source('site', ', onRefused: keep'), source('app')));
  await refresh();
  await put(
    'a.yaml',
    document(
      source('site', ', onRefused: keep, interval: often'),
      source('app', ', verify: { provider: notation }'),
    ),
  );
  const { stalledOf, sourceOf, compiled } = await refresh();
  assert.equal(stalledOf(id('site')), undefined);
  assert.match(stalledOf(id('app'))?.message ?? '', /verify/);
  assert.equal(sourceOf(id('site'))?.onRefused, 'keep');
  assert.match(
    compiled.problems.join('\n'),
    /wanted trustStores and trustedIdentities/,
    'it is told all the same',
  );
  assert.deepEqual(
    (await triggers())?.sources.map(({ name }) => name),
    ['site'],
  );
  await put('a.yaml', document(source('site', ', verify: { provider: notation }'), source('app')));
  assert.match((await refresh()).stalledOf(id('site'))?.message ?? '', /verify/);
});

for (const [what, more] of [
  ['a policy', 'verify: { provider: notation }'],
  ['a policy, misspelt', 'verfy: { provider: cosign }'],
  ['a key of a policy', 'verify: { provider: cosign, key: [] }'],
  ['a limit', 'limits: { files: few }'],
] as const) {
  test(`a source that is to be kept stalls where ${what} is what is wrong: it never runs on with less safety`, async () => {
    const { put, refresh, triggers } = openBucket();
    await put('a.yaml', document(source('site', ', onRefused: keep')));
    await refresh();
    await put('a.yaml', document(source('site', `, onRefused: keep, ${more}`)));
    assert.ok((await refresh()).stalledOf(id('site')));
    assert.deepEqual((await triggers())?.sources, []);
  });
}

test('a receiver that turned bad stays as it was, and the sources beside it are taken', async () => {
  const { put, refresh } = openBucket();
  const receivers = (more: string) =>
    `receivers: [{ name: ci, type: generic, registry: r.example, secret: { ssm: a }${more} }]\n`;
  await put('a.yaml', document(source('site')) + receivers(''));
  await refresh();
  await put('a.yaml', document(source('site', ', interval: 9m')) + receivers(', nonsense: 1'));
  const { stalledOf, sourceOf, compiled } = await refresh();
  assert.deepEqual([stalledOf(id('site')), sourceOf(id('site'))?.intervalMs], [undefined, 540_000]);
  assert.equal(compiled.files['a.yaml']?.receivers.length, 1);
});

test('a name that is lost while another is refused waits: it may be the one', async () => {
  const { put, refresh } = openBucket();
  await put('a.yaml', document(source('site')));
  await refresh();
  await put('a.yaml', document(source('sight', ', verify: { provider: notation }')));
  assert.ok((await refresh()).stalledOf(id('site')));
  await put('a.yaml', document(source('sight')));
  const { stalledOf, sourceOf } = await refresh();
  assert.deepEqual([stalledOf(id('site')), sourceOf(id('site'))], [undefined, undefined]);
});
