import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNotify } from '../../local/notify/start-notify.ts';
import { InProcessBus } from '../../shared/event/in-process-bus.ts';
import { MemoryBus } from '../../shared/event/memory-bus.ts';
import { readBook } from '../../shared/notify/notify-book.ts';
import type { NotifyEntry } from '../../shared/notify/notify-entry.ts';
import { notifyKey } from '../../shared/store/layout.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { ManualClock } from '../support/stores/memory-sources.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a book that cannot be read keeps neither serve nor another entry from beginning', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const clock = new ManualClock();
  const { objects } = openMemoryStore(clock);
  await objects.putIfAbsent(notifyKey('torn'), Buffer.from('{'));
  const said: unknown[] = [];
  const entries = ['torn', 'whole'].map((name) => ({ name })) as unknown as readonly NotifyEntry[];
  const deps = { objects, root: folder.path, clock, bus: new InProcessBus(new MemoryBus()) };
  const { replaced } = startNotify({
    ...deps,
    signal: new AbortController().signal,
    secrets: { env: {} } as never,
    log: (_level, message, fields) => said.push([message, fields?.['notify'], fields?.['code']]),
    isWhole: () => true,
    entries: () => entries,
    sources: () => [],
    report: () => {},
  });
  await replaced();
  assert.deepEqual(said, [['notifications wait', 'torn', 'STORE_CORRUPT']]);
  assert.ok(await readBook('whole', { objects, clock }));
});
