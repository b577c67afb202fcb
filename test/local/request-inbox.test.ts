import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { postRequest, type Request, unreadableRequests, watchRequests } from '../../local/request-inbox.ts';
import { LandfallError } from '../../shared/errors.ts';
import { createLog } from '../../shared/log.ts';
import { until } from '../support/until.ts';

interface Inbox {
  readonly root: string;
  readonly heard: readonly Request[];
  readonly lines: readonly string[];
}

function watched(t: TestContext): Inbox {
  const root = mkdtempSync(join(tmpdir(), 'landfall-inbox-'));
  const ended = new AbortController();
  const heard: Request[] = [];
  const lines: string[] = [];
  const log = createLog({
    format: 'json',
    level: 'info',
    now: () => 0,
    write: (line) => void lines.push(line),
  });
  const watching = watchRequests(root, async (request) => void heard.push(request), {
    signal: ended.signal,
    log,
  });
  t.after(async () => {
    ended.abort();
    await watching;
    rmSync(root, { recursive: true, force: true });
  });
  return { root, heard, lines };
}

const SITE = { namespace: 'web', name: 'site' };
const heardBy = ({ heard }: Inbox, count = 1) =>
  until('a request', () => (heard.length >= count ? true : undefined));
const told = ({ lines }: Inbox, pattern: RegExp) =>
  until(`the log to say ${pattern}`, () => lines.find((line) => pattern.test(line)));
const faults = ({ lines }: Inbox) => lines.filter((line) => line.includes('"level":"error"'));

test('a request is heard once, and taken away', async (t) => {
  const inbox = watched(t);
  await postRequest(inbox.root, SITE);
  await heardBy(inbox);
  await until('it to be gone', () =>
    readdirSync(join(inbox.root, 'requests')).length === 0 ? true : undefined,
  );
  assert.deepEqual([inbox.heard, inbox.lines], [[SITE], []]);
});

// One such moment made serve deaf for good: the loop was over.
test('a folder that cannot be read for a moment is logged once, and heard again by itself', async (t) => {
  const inbox = watched(t);
  const folder = join(inbox.root, 'requests');
  await until('the folder', () => (readdirSync(inbox.root).length > 0 ? true : undefined));
  renameSync(folder, `${folder}.away`);
  writeFileSync(folder, 'a file, where the folder was');
  await told(inbox, /requests cannot be read/);
  unlinkSync(folder);
  renameSync(`${folder}.away`, folder);
  await postRequest(inbox.root, SITE);
  await heardBy(inbox);
  await told(inbox, /no more: requests cannot be read/);
  assert.equal(faults(inbox).length, 1, inbox.lines.join('\n'));
});

test('a request that cannot be read keeps no other, and is heard once it can be', async (t) => {
  const inbox = watched(t);
  const folder = join(inbox.root, 'requests');
  const name = '00000000-0000-4000-8000-000000000000.json';
  mkdirSync(folder, { recursive: true });
  symlinkSync(name, join(folder, name)); // ELOOP, whoever asks.
  await postRequest(inbox.root, SITE);
  await heardBy(inbox);
  await told(inbox, /ELOOP/);
  unlinkSync(join(folder, name));
  writeFileSync(join(folder, name), JSON.stringify({ namespace: 'web', name: 'late' }));
  await heardBy(inbox, 2);
  assert.deepEqual(inbox.heard[1], { namespace: 'web', name: 'late' });
});

test('a request that is refused, as by a full queue, stays until it is taken', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'landfall-inbox-'));
  const ended = new AbortController();
  t.after(() => rmSync(root, { recursive: true, force: true }));
  let asked = 0;
  const accept = async (): Promise<void> => {
    asked += 1;
    if (asked < 3) throw new LandfallError('QUEUE_UNAVAILABLE', 'the queue is full');
  };
  await postRequest(root, SITE);
  const watching = watchRequests(root, accept, { signal: ended.signal });
  await until('the third time', () => (asked >= 3 ? true : undefined));
  await until('an empty inbox', () => (readdirSync(join(root, 'requests')).length === 0 ? true : undefined));
  ended.abort();
  await watching;
  assert.equal(asked, 3);
});

test('requests for a deploy over clusters are heard, however long its names are', async (t) => {
  const inbox = watched(t);
  const deploy = `${'a'.repeat(63)}.${'b'.repeat(63)}`;
  await postRequest(inbox.root, { ...SITE, deploy });
  await heardBy(inbox);
  assert.deepEqual(inbox.heard, [{ ...SITE, deploy }]);
});

test('a request that cannot be left is told as what the store is short of, and as no defect', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'landfall-inbox-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'requests'), '');
  await assert.rejects(postRequest(root, SITE), {
    code: 'STORE_UNAVAILABLE',
    message: /^store: cannot leave a request in requests\/: EEXIST$/,
  });
});

test('what names no deploy is told as no request', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'landfall-inbox-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const deploy of ['a.b', 'a.b.c', '../x', `${'a'.repeat(64)}.b`, 1])
    await postRequest(root, { ...SITE, deploy: deploy as string });
  assert.equal((await unreadableRequests(root)).length, 4);
});
