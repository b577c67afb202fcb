import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNotify } from '../../local/notify/start-notify.ts';
import { InProcessBus } from '../../shared/event/in-process-bus.ts';
import { MemoryBus } from '../../shared/event/memory-bus.ts';
import type { NotifyEntry } from '../../shared/notify/notify-entry.ts';
import { NOTIFY_PREFIX } from '../../shared/store/layout.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { ManualClock } from '../support/stores/memory-sources.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

for (const [documents, isWhole, kept] of [
  ['that can all be read', true, ['chat']],
  ['of which one cannot be read', false, ['chat', 'mail']],
] as const)
  test(`an entry that documents ${documents} lost while nobody served is ${isWhole ? '' : 'not '}forgotten`, async (t) => {
    const folder = await temporaryFolder();
    t.after(() => folder.remove());
    const clock = new ManualClock();
    const { objects } = openMemoryStore(clock);
    const serving = async (names: readonly string[], whole = true): Promise<void> => {
      const entries = names.map((name) => ({ name })) as unknown as readonly NotifyEntry[];
      const deps = { objects, root: folder.path, clock, bus: new InProcessBus(new MemoryBus()) };
      await startNotify({
        ...deps,
        signal: new AbortController().signal,
        secrets: { env: {} } as never,
        log: () => {},
        isWhole: () => whole,
        entries: () => entries,
        sources: () => [],
        report: () => {},
      }).replaced();
    };
    await serving(['chat', 'mail']);
    await serving(['chat'], isWhole);
    assert.deepEqual(
      await Array.fromAsync(objects.list(NOTIFY_PREFIX)),
      kept.map((name) => `${NOTIFY_PREFIX}${name}.json`),
    );
  });
