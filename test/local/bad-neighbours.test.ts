import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadDocuments, reloadDocuments } from '../../local/documents/documents.ts';
import { compileDocuments } from '../../shared/aws/configuration/compile-documents.ts';
import { readDocumentFiles } from '../../shared/source/document.ts';
import type { Configuration } from '../../shared/source/source.ts';
import { CASES, type Case, charts, deploy, deploys, release, source, sources } from './neighbour-cases.ts';

const GOOD = { 'good.yaml': sources(source('good')) + deploys(deploy('good')) };

function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-neighbours-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeAll(folder, GOOD);
  return folder;
}

type InForce = Pick<Configuration, 'sources' | 'deploys' | 'receivers'>;

const shown = ({ sources: all, deploys: ours, receivers: theirs }: InForce): string =>
  [
    ...all.map(({ name }) => name),
    ...ours.map(({ name }) => `deploy ${name}`),
    ...theirs.map(({ name }) => `receiver ${name}`),
  ]
    .toSorted()
    .join(', ');

const expected = ({ also }: Case): string =>
  ['good', 'deploy good', ...(also === undefined ? [] : also.split(', '))].toSorted().join(', ');

const stalledIn = ({ stalled }: Pick<Configuration, 'stalled'>): string =>
  [...new Set(stalled.map(({ name }) => name))].join(', ');

for (const [what, each] of Object.entries(CASES)) {
  test(`${what}: a start, a change and functions have the sound ones beside it, and say what is wrong`, async (t) => {
    const { files, stalled = '', told } = each;
    const folder = folderOf(t);
    const paths = { file: [folder] };
    const before = await loadDocuments(paths);
    writeAll(folder, files);
    const started = await loadDocuments(paths);
    const changed = await reloadDocuments(paths, before);
    for (const { configuration, inForce } of [started, changed]) {
      assert.equal(shown(configuration), expected(each));
      assert.equal(stalledIn(configuration), stalled);
      assert.equal(
        inForce.problems.length,
        told.length,
        inForce.problems.map(({ message }) => message).join(),
      );
      for (const [at, { file, line, column, path, message }] of inForce.problems.entries())
        assert.match(`${file}:${line}:${column}: ${path && `${path}: `}${message}`, told[at] ?? /^$/);
    }
    const compiled = compileDocuments(await readDocumentFiles([folder]));
    const all = Object.values(compiled.files);
    const isStalled = ({ name }: { readonly name: string }): boolean =>
      compiled.stalled.some((one) => one.name === name);
    assert.equal(
      shown({
        sources: all.flatMap((file) => file.sources).filter((one) => !isStalled(one)),
        deploys: all.flatMap((file) => file.deploys),
        receivers: all.flatMap((file) => file.receivers),
      }),
      expected(each),
    );
    assert.deepEqual([stalledIn(compiled), compiled.problems.length], [stalled, told.length]);
  });
}

test('a release whose HelmRepository turns bad is not looked at, and its deploy stays', async (t) => {
  const folder = folderOf(t);
  writeAll(folder, { 'a.yaml': charts(), 'b.yaml': release('x') });
  const before = await loadDocuments({ file: [folder] });
  writeAll(folder, { 'a.yaml': charts('interval: soon') });
  const { configuration } = await reloadDocuments({ file: [folder] }, before);
  assert.equal(stalledIn(configuration), 'x');
  assert.match(configuration.stalled[0]?.message ?? '', /HelmRepository web\/charts is refused at/);
  assert.equal(shown(configuration), 'deploy good, deploy web-x-release, good');
});

test('a deploy whose name or target another takes later stays what it was', async (t) => {
  const folder = folderOf(t);
  const before = await loadDocuments({ file: [folder] });
  writeAll(folder, {
    'a.yaml': deploys(deploy('good', ', prune: true'), deploy('x').replace('live-x', 'live-good')),
  });
  const { configuration } = await reloadDocuments({ file: [folder] }, before);
  assert.deepEqual(configuration.deploys, before.configuration.deploys);
  assert.equal(configuration.problems?.length, 2);
});
