import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadDocuments } from '../../local/documents/documents.ts';
import { watchDocuments } from '../../local/documents/watch-documents.ts';
import { ServeFaults } from '../../local/serve-faults.ts';
import { LandfallError } from '../../shared/errors.ts';
import { createLog } from '../../shared/log.ts';
import type { Configuration } from '../../shared/source/source.ts';
import { until } from '../support/until.ts';

const documentOf = (...names: readonly string[]): string =>
  `sources:\n${names.map((name) => `  - { name: ${name}, url: "oci://r.example/app", ref: { tag: x } }\n`).join('')}`;

/** @param meanwhile what becomes of the document after it was read, before anybody looks at it again */
async function watched(
  t: TestContext,
  meanwhile: (path: string) => void = () => undefined,
  replaced: () => void = () => undefined,
) {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-documents-'));
  const path = join(folder, 'landfall.yaml');
  writeFileSync(path, documentOf('one'));
  const ended = new AbortController();
  const lines: string[] = [];
  const taken: Configuration[] = [];
  let looks = 0;
  const clock = {
    now: Date.now,
    sleep: async (_: number, signal?: AbortSignal) => {
      looks += 1;
      await sleep(5, undefined, { signal });
    },
  };
  const log = createLog({
    format: 'json',
    level: 'info',
    now: () => 0,
    write: (line) => void lines.push(line),
  });
  const faults = new ServeFaults(() => 0);
  const loaded = await loadDocuments({ file: [path] });
  meanwhile(path);
  const watching = watchDocuments(
    { file: [path] },
    {
      serving: {
        replace: async (configuration) => {
          taken.push(configuration);
          replaced();
        },
        faults,
      },
      loaded,
      onRead: () => undefined,
      log,
      clock,
      signal: ended.signal,
    },
  );
  t.after(async () => {
    ended.abort();
    await watching;
    rmSync(folder, { recursive: true, force: true });
  });
  const passes = (count: number) => {
    const before = looks;
    return until('some looks', () => (looks >= before + count ? true : undefined));
  };
  return { path, lines, taken, passes, faults };
}

const storeIsOut = (): never => {
  throw new LandfallError('STORE_UNAVAILABLE', 'the store cannot be read', { hint: 'Look at the disk.' });
};

const errorsIn = (lines: readonly string[]) => lines.filter((line) => line.includes('"level":"error"'));

test('documents that cannot be read are told of once, and read again though nothing in them has changed', async (t) => {
  const { path, lines, taken, passes, faults } = await watched(t);
  renameSync(path, `${path}.away`);
  await until('the log', () => errorsIn(lines)[0]);
  await passes(10);
  assert.equal(errorsIn(lines).length, 1, lines.join('\n'));
  assert.equal(taken.length, 0, 'the last good ones stay');
  assert.match(faults.lines().join(), /^documents: /);
  renameSync(`${path}.away`, path);
  await until('them to be read', () => taken[0]);
  assert.deepEqual(faults.lines(), []);
  assert.deepEqual(
    taken[0]?.sources.map(({ name }) => name),
    ['one'],
  );
  await passes(2);
  const count = taken.length;
  await passes(5);
  assert.equal(taken.length, count, 'they are read once more only if they came back in the middle of a look');
});

test('documents that change are taken once', async (t) => {
  const { path, taken, passes } = await watched(t);
  writeFileSync(path, documentOf('one', 'two'));
  await until('them to be read', () => taken.find(({ sources }) => sources.length === 2));
  await passes(2);
  const count = taken.length;
  await passes(5);
  assert.equal(taken.length, count);
});

test('a document that changes while serve starts, before the first look, is taken', async (t) => {
  const { taken } = await watched(t, (path) => writeFileSync(path, documentOf('one', 'two')));
  await until('them to be read', () => taken.find(({ sources }) => sources.length === 2));
});

test('what is noted of a document that was read again is told once', async (t) => {
  const { path, lines, taken, passes } = await watched(t);
  const noted = (...names: readonly string[]) =>
    `${documentOf(...names)}---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: Bucket\nmetadata: { name: b }\n`;
  const warnings = () => lines.filter((line) => line.includes('Bucket default/b is not mapped'));
  writeFileSync(path, noted('one'));
  await until('the note', () => warnings()[0]);
  writeFileSync(path, noted('one', 'two'));
  await until('them to be read', () => taken.find(({ sources }) => sources.length === 2));
  await passes(2);
  assert.equal(warnings().length, 1, lines.join('\n'));
});

test('documents go on to be followed where a store that is out keeps a change from being begun', async (t) => {
  const { path, lines, taken } = await watched(t, undefined, storeIsOut);
  writeFileSync(path, documentOf('one', 'two'));
  await until('the first change', () => taken[0]);
  const [told] = await until('the log', () => (errorsIn(lines).length > 0 ? errorsIn(lines) : undefined));
  assert.match(told ?? '', /STORE_UNAVAILABLE.*Look at the disk/);
  writeFileSync(path, documentOf('one', 'two', 'three'));
  await until('the next change', () => taken[1]);
  assert.equal(taken[1]?.sources.length, 3);
});
