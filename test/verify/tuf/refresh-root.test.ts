import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { TRUSTED_ROOT_BYTES } from '../../../shared/limits.ts';
import { refreshRoot } from '../../../shared/verify/tuf/refresh-root.ts';
import { folderFor } from '../../support/cli.ts';
import { TufRepository } from './tuf-repository.ts';
import { OUR_ROOT } from './tuf-scene.ts';

const refresh = (tuf: TufRepository, url: string, before?: Awaited<ReturnType<typeof refreshRoot>>) =>
  refreshRoot(
    { tuf: url, local: true },
    { first: tuf.first, before },
    { env: {}, signal: new AbortController().signal, now: new Date(0) },
  );

test('a root is had with what proves it and when that ends first, and nothing of it stays in the folder for such', async (t) => {
  const usual = process.env['TMPDIR'];
  process.env['TMPDIR'] = await folderFor(t);
  t.after(() => {
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
  });
  const tuf = new TufRepository();
  const url = await tuf.open(t);
  tuf.publish(OUR_ROOT, { expires: { targets: 2, snapshot: 3 } });
  const kept = await refresh(tuf, url);
  const day = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  assert.deepEqual(
    [kept.text, kept.mirror, kept.refreshedAt, kept.until.slice(0, 10), kept.metadata.root],
    [OUR_ROOT, url, '1970-01-01T00:00:00.000Z', day, tuf.first],
  );
  await assert.rejects(refresh(tuf, `${url}/gone`));
  assert.deepEqual(
    (await readdir(tmpdir())).filter((name) => name.includes('tuf')),
    [],
  );
});

test('a root that is as it was is not had again', async (t) => {
  const tuf = new TufRepository();
  const url = await tuf.open(t);
  const before = await refresh(tuf.publish(OUR_ROOT), url);
  tuf.requests.length = 0;
  assert.equal((await refresh(tuf, url, before)).text, OUR_ROOT);
  assert.deepEqual(
    tuf.requests.filter((path) => path.startsWith('targets/')),
    [],
  );
});

test('a repository without a trusted root is told, and one of as many bytes as are read is taken', async (t) => {
  const tuf = new TufRepository();
  const url = await tuf.open(t);
  await assert.rejects(refresh(tuf.publish(OUR_ROOT, { name: 'other.json' }), url), {
    message: 'it has no trusted_root.json',
  });
  for (const [bytes, isTaken] of [
    [TRUSTED_ROOT_BYTES, true],
    [TRUSTED_ROOT_BYTES + 1, false],
  ] as const) {
    const text = OUR_ROOT.padEnd(bytes);
    const refreshed = refresh(tuf.publish(text), url);
    if (isTaken) assert.equal((await refreshed).text.length, bytes);
    else await assert.rejects(refreshed, { message: /wanted at most/ });
  }
});
