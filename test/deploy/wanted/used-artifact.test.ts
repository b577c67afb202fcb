import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { kindsOf } from '../../../shared/deploy/kinds/deploy-kinds.ts';
import { parseDocuments } from '../../../shared/source/document.ts';
import { detailOf } from '../../event/samples.ts';
import { committed } from '../../support/stores/memory-sources.ts';
import { type Applying, entryOf, kindWith, openDeployWorld } from '../deploy-world.ts';

const entry = entryOf({ source: 'web/site', path: 'apps', uses: ['web/other'] });

/** A deploy that reads a file of another source while it runs. */
async function openReading(read: (context: Applying) => Promise<Uint8Array>) {
  const world = openDeployWorld();
  const texts: string[] = [];
  const kinds = kindsOf([
    kindWith('command', async (context) => {
      texts.push(Buffer.from(await read(context)).toString());
    }),
  ]);
  const landOther = async (text: string) => {
    world.push('settings', { 'env/prod.yaml': text });
    committed(await world.look({ name: 'other', ref: { tag: 'settings' } }));
  };
  return { world, texts, kinds, landOther };
}

const readProd = async ({ usedArtifact }: Applying) =>
  (await usedArtifact('web/other')).read('env/prod.yaml');

test('a run reads files of the revision of another source that it began with, whatever its own path is', async () => {
  const { world, texts, kinds, landOther } = await openReading(readProd);
  await landOther('one');
  const event = await world.land({ 'apps/a.txt': '1' });
  assert.equal((await world.deploy(event, { entry, deps: { kinds } })).outcome, 'applied');
  await landOther('two');
  assert.equal((await world.deploy(event, { entry, deps: { kinds } })).outcome, 'applied');
  assert.deepEqual(texts, ['one', 'two']);
  const { variant, ...told } = (await world.ledger(entry)).applied?.uses?.[0] ?? assert.fail();
  assert.equal(variant, 'default');
  const [, succeeded] = world.events('Deploy Succeeded');
  assert.deepEqual(detailOf(succeeded)['uses'], [told]);
});

test('files of a source that is not named by the deploy, or that are not there, are not read', async () => {
  const { world, kinds, landOther } = await openReading(({ usedArtifact }) =>
    usedArtifact('web/third').then(({ read }) => read('env/prod.yaml')),
  );
  await landOther('one');
  const event = await world.land({ 'apps/a.txt': '1' });
  const failed = await world.deploy(event, { entry, deps: { kinds } });
  assert.ok(failed.outcome === 'failed' && failed.error.code === 'DEPLOY_UNAVAILABLE');
  assert.match(failed.error.message, /web\/third, whose files are used, has landed nothing/);
  const { kinds: missing } = await openReading(async ({ usedArtifact }) =>
    (await usedArtifact('web/other')).read('../../status.json'),
  );
  const refused = await world.deploy(event, { entry, deps: { kinds: missing } });
  assert.ok(refused.outcome === 'failed' && refused.error.code === 'DEPLOY_FAILED');
  assert.match(refused.error.message, /\.\.\/\.\.\/status\.json is not in the artifact$/);
  assert.match(refused.error.hint ?? '', /there is: env\/prod\.yaml$/);
});

for (const [maximum, outcome] of [
  [3, 'applied'],
  [2, 'failed'],
] as const)
  test(`a file of 3 bytes, read by who wants at most ${maximum}, is ${outcome}`, async () => {
    const { world, kinds, landOther } = await openReading(async ({ usedArtifact }) =>
      (await usedArtifact('web/other')).read('env/prod.yaml', maximum),
    );
    await landOther('one');
    const event = await world.land({ 'apps/a.txt': '1' });
    assert.equal((await world.deploy(event, { entry, deps: { kinds } })).outcome, outcome);
  });

test('files of a source are held to its commit record', async () => {
  const { world, kinds, landOther } = await openReading(readProd);
  await landOther('one');
  const event = await world.land({ 'apps/a.txt': '1' });
  const { artifacts } = world.store;
  const changed: typeof artifacts = Object.create(artifacts);
  changed.open = async (id, path, options) =>
    path === 'env/prod.yaml' ? Readable.from([Buffer.from('owned')]) : artifacts.open(id, path, options);
  const store = { ...world.store, artifacts: changed };
  const outcome = await world.deploy(event, { entry, deps: { kinds, store } });
  assert.ok(outcome.outcome === 'failed' && outcome.error.code === 'STORE_CORRUPT');
});

test('a chart uses the sources whose files it takes values from', () => {
  const text = `
sources: [{ name: chart, url: "oci://r.example/chart" }, { name: settings, namespace: web, url: "oci://r.example/settings" }]
deploys:
  - name: app
    kind: helm
    source: chart
    valuesFrom: [{ file: a.yaml }, { file: prod.yaml, source: web/settings }, { file: more.yaml, source: web/settings }]
`;
  const [deploy] = parseDocuments([{ file: 'a.yaml', text }]).deploys;
  assert.deepEqual(deploy?.uses, ['web/settings']);
});
