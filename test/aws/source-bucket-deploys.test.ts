import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploysOf } from '../../shared/aws/configuration/compiled.ts';
import { nameKinds } from '../../shared/deploy/kinds/own-kinds.ts';
import { document, openBucket, source } from './compiled-bucket.ts';

// The schema is made with the first document that is read.
nameKinds(['own-of-test']);

test('a deploy of a kind that is known by name alone is no problem, whatever it says of itself', async () => {
  const { put, refresh } = openBucket();
  const deploysOf = (kind: string, limit = 'limit') =>
    `deploys:\n  - { name: notes, kind: ${kind}, source: app, file: /tmp/notes, retry: { ${limit}: 2 } }\n`;
  const problemsOf = async (deploys: string): Promise<string> => {
    await put('a.yaml', document(source('app')) + deploys);
    return (await refresh()).compiled.problems.join('\n');
  };
  assert.equal(await problemsOf(deploysOf('own-of-test')), '');
  assert.match(await problemsOf(deploysOf('own-of-test', 'limits')), /limits/, 'what all kinds have');
  assert.match(await problemsOf(deploysOf('other')), /deploys\[0\]\.kind/);
});

test('what depends on a deploy into several clusters depends on each of them, whichever document it is in', async () => {
  const { put, refresh } = openBucket();
  const access = 'kind: kubernetes, source: app, eks: prod';
  await put('a.yaml', `${document(source('app'))}deploys: [{ name: web, ${access}, dependsOn: [apps] }]\n`);
  await put(
    'b.yaml',
    `deploys: [{ name: apps, ${access}, clusters: [{ name: eu, wave: 1 }, { name: us, wave: 1 }] }]\n`,
  );
  const { compiled } = await refresh();
  assert.deepEqual(compiled.problems, []);
  const deploys = deploysOf(compiled).map(({ name, dependsOn }) => [name, dependsOn]);
  assert.deepEqual(deploys, [
    ['web', ['apps.eu', 'apps.us']],
    ['apps.eu', undefined],
    ['apps.us', undefined],
  ]);
});
