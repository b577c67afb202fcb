import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, hexOf } from '../../../shared/oci/digest.ts';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf, landfall } from '../../support/cli.ts';

const FILES = { 'index.html': '1' };
const REFERRERS = ['', '.sig', '.att', '.sbom'].map((suffix) => `sha256-${hexOf(digestOf('of'))}${suffix}`);

test('tags leaves out those of signatures and referrers, says so, and lists them with --all', async (t) => {
  const registry = await openRegistry(t);
  for (const tag of ['2026-11', ...REFERRERS]) plantFiles(registry, tag, FILES);
  const url = `oci://${registry.host}/team/app`;
  const argv = ['tags', url, '--plain-http'];
  const plain = await landfall(argv);
  assert.equal(plain.stdout, '2026-11\n');
  assert.equal(plain.stderr, '4 tags of signatures and referrers left out (--all lists them)\n');
  assert.deepEqual(documentOf(await landfall([...argv, '--json'])), { url, tags: ['2026-11'], listed: 5 });
  const all = await landfall([...argv, '--all']);
  assert.equal(all.stdout, `${['2026-11', ...REFERRERS.toSorted()].join('\n')}\n`);
  assert.equal(all.stderr, '');
  const ranked = await landfall([...argv, '--order', 'alphabetical']);
  assert.equal(ranked.stdout, '2026-11\n');
  const both = await landfall([...argv, '--order', 'alphabetical', '--all', '--json']);
  assertRefused(both, { code: 'USAGE', exit: 2, says: /--all/, next: /./ });
});

test('a tag of a signature is resolved where it is named', async (t) => {
  const registry = await openRegistry(t);
  const [tag = ''] = REFERRERS;
  const { digest } = plantFiles(registry, tag, FILES);
  const ended = await landfall(['resolve', `oci://${registry.host}/team/app:${tag}`, '--plain-http']);
  assert.equal(ended.stdout, `${tag}@${digest}\n`);
});

test('resolve asks whether a digest is there', async (t) => {
  const registry = await openRegistry(t);
  const { digest } = plantFiles(registry, '1.0.0', FILES);
  const url = `oci://${registry.host}/team/app`;
  assert.equal((await landfall(['resolve', `${url}@${digest}`, '--plain-http'])).stdout, `${digest}\n`);
  const absent = await landfall(['resolve', `${url}@${digestOf('absent')}`, '--plain-http', '--json']);
  assertRefused(absent, { code: 'TAG_NOT_FOUND', exit: 1, says: /@sha256:/, next: /./ });
  const elsewhere = await landfall(['resolve', `${url}2@${digest}`, '--plain-http', '--json']);
  assertRefused(elsewhere, { code: 'REPOSITORY_NOT_FOUND', exit: 1, says: /app2/, next: /./ });
  const tagged = await landfall(['resolve', `${url}:1.0.0@${digestOf('other')}`, '--plain-http', '--json']);
  assertRefused(tagged, { code: 'TAG_DIGEST_MISMATCH', exit: 1, says: /1\.0\.0 is sha256/, next: /./ });
});
