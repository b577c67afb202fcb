/** A process of its own for the store's tests: `worker.ts <what> <root> …`, reads nothing, says what it did on stdout. */

import { systemClock } from '../../../shared/clock.ts';
import { isLandfallError } from '../../../shared/errors.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { openDirectoryStore } from '../../../shared/store/directory/directory-store.ts';
import { tryLock } from '../../../shared/store/directory/exclusive-lock.ts';
import { lockStore } from '../../../shared/store/directory/serve-lock.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';
import { type StatusChange, updateStatus } from '../../../shared/store/status-store.ts';
import { ID, land, recordOf, writeTree } from '../../conformance/planted-artifacts.ts';
import { revisionOfRecord, SOURCE, statusOf } from './sample.ts';

// A test that is killed ends nothing: what goes on for ever would fill the disk after it.
process.once('disconnect', () => process.exit());
process.channel?.unref();

const [what = '', root = '', ...rest] = process.argv.slice(2);
const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const stay = (): void => void setInterval(() => undefined, 1_000_000);

async function increment(objects: ObjectStore, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const stored = await objects.get('counter');
    const next = String(Number(Buffer.from(stored?.bytes ?? []).toString()) + 1);
    try {
      await objects.replace('counter', Buffer.from(next), stored?.version);
      done += 1;
    } catch (error) {
      if (!isLandfallError(error) || error.code !== 'STORE_CONFLICT') throw error;
    }
  }
}

async function commands(): Promise<void> {
  if (what === 'lock') {
    say(tryLock(rest[0] ?? '', 60_000).held ? 'held' : 'refused');
    return stay();
  }
  if (what === 'serve') {
    await lockStore(root);
    say('locked');
    return stay();
  }
  const store = await openDirectoryStore(root, { durable: false });
  if (what === 'put') {
    const results = await Promise.all(
      Array.from({ length: 4 }, (_, at) => store.objects.putIfAbsent('key', Buffer.from(`${rest[0]} ${at}`))),
    );
    say(results.join(' '));
  } else if (what === 'land') {
    const results = await Promise.all(
      Array.from({ length: 4 }, () => land(store, ID, { a: 'a', 'b/c': 'c' })),
    );
    say(results.join(' '));
  } else if (what === 'increment') {
    await Promise.all(Array.from({ length: 4 }, () => increment(store.objects, Number(rest[0]))));
    say('done');
  } else if (what === 'stage') {
    const staging = await store.artifacts.stage(ID);
    await writeTree(staging, { a: 'half' });
    say('staged');
    stay();
  } else if (what === 'churn') {
    say('ready');
    for (let at = 0; ; at += 1) {
      const id = { digest: digestOf(`${process.pid} ${at}`), variant: 'default' };
      const tree = Object.fromEntries(
        Array.from({ length: 6 }, (_, n) => [`d${n % 2}/f${n}`, `${at} ${n}`.repeat(50)]),
      );
      await land(store, id, tree);
      const change: StatusChange = (status = statusOf()) => {
        const current = revisionOfRecord(recordOf(id, tree), status.generation + 1);
        return { ...status, current, generation: current.generation };
      };
      await updateStatus(store.objects, SOURCE, change, { clock: systemClock });
      if (at % 3 === 2) {
        await store.artifacts.stage({ digest: digestOf(`${process.pid} unused ${at}`), variant: 'default' });
        await store.artifacts.remove(id, { unusedSince: 0 });
      }
    }
  }
}

await commands();
