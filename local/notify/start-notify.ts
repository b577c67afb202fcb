import type { Clock } from '../../shared/clock.ts';
import { readSecret, type SecretDeps } from '../../shared/credentials/secret.ts';
import { asLandfallError } from '../../shared/errors.ts';
import type { InProcessBus } from '../../shared/event/in-process-bus.ts';
import { background } from '../../shared/kernel/background.ts';
import type { Log } from '../../shared/log.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import type { DeliverDeps, NotifyReport } from '../../shared/notify/deliver.ts';
import { leftSuspended } from '../../shared/notify/left-suspended.ts';
import { forgetBooks } from '../../shared/notify/notify-book.ts';
import type { NotifyEntry } from '../../shared/notify/notify-entry.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import { publishAsMachine } from './machine-topics.ts';
import { NotifyLoop } from './notify-loop.ts';

/** How often to see what has been left suspended. */
const SUSPENDED_LOOK_MS = 10 * 60 * 1000;

export interface StartNotifyDeps {
  readonly objects: ObjectStore;
  /** The store's folder. */
  readonly root: string;
  readonly bus: InProcessBus;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly secrets: SecretDeps;
  readonly log: Log;
  /** Whether every document could be read: an entry that is not there has been taken away. */
  readonly isWhole: () => boolean;
  /** As the documents have them now. */
  readonly entries: () => readonly NotifyEntry[];
  readonly sources: () => readonly SourceId[];
  readonly report: (report: NotifyReport) => void;
}

export interface RunningNotify {
  /** Begins entries that are new; resolves when whatever happens from now on is told by them. */
  replaced(): Promise<void>;
  /** Goes on with all of them. */
  run(): void;
  /** Has each send what it can now. */
  settle(): Promise<void>;
}

/** Tells whom the documents name: one loop each, so that a slow provider holds up nobody else's. */
export function startNotify(deps: StartNotifyDeps): RunningNotify {
  const { secrets, log, signal, clock, entries, bus } = deps;
  const loops = new Map<string, NotifyLoop>();
  const running = new Set<string>();
  let isRunning = false;
  const delivering: DeliverDeps = {
    ...deps,
    secret: (where) => readSecret(where, secrets),
    publish: publishAsMachine({ clock, signal, env: secrets.env }),
  };
  bus.subscribe(() => {
    for (const loop of loops.values()) loop.wake();
  });
  const loopOf = (name: string): NotifyLoop => {
    const entry = (): NotifyEntry | undefined => entries().find((each) => each.name === name);
    const loop = loops.get(name) ?? new NotifyLoop(name, { ...delivering, root: deps.root, log, entry });
    loops.set(name, loop);
    return loop;
  };
  /** One whose book cannot be read waits, and takes neither serve nor another with it. */
  const begin = (name: string): Promise<void> =>
    loopOf(name)
      .begin()
      .catch((thrown: unknown) => {
        const { code, message: error } = asLandfallError(thrown);
        log('error', 'notifications wait', { notify: name, code, error });
      });
  const go = (): void => {
    for (const { name } of isRunning ? entries() : []) {
      if (running.has(name)) continue;
      running.add(name);
      const ended = loopOf(name)
        .run()
        .finally(() => running.delete(name));
      background(`notify ${name}`, ended, log);
    }
  };
  /** Of entries that were taken away while nobody served: those that run forget their own. */
  const forgetGone = async (): Promise<void> => {
    if (!deps.isWhole()) return;
    const kept = new Set([...running, ...entries().map(({ name }) => name)]);
    await forgetBooks((name) => kept.has(name), deps).catch((thrown: unknown) => {
      const { code, message: error } = asLandfallError(thrown);
      log('warn', 'notifications of entries that are gone are not forgotten', { code, error });
    });
  };
  const tellOfSuspended = async (): Promise<void> => {
    const left = entries().length === 0 ? [] : await leftSuspended(deps.sources(), deps);
    for (const { name } of left.length > 0 ? entries() : []) await loopOf(name).tell(left);
  };
  const remind = async (): Promise<void> => {
    while (!signal.aborted) {
      await tellOfSuspended().catch((error: unknown) => {
        if (!signal.aborted) log('error', 'suspended sources could not be told of', { error: String(error) });
      });
      await clock.sleep(SUSPENDED_LOOK_MS, signal).catch(() => undefined);
    }
  };
  return {
    replaced: async () => {
      await forgetGone();
      for (const { name } of entries()) await begin(name);
      go();
    },
    run: () => {
      isRunning = true;
      go();
      background('telling of suspended sources', remind(), log);
    },
    settle: async () => {
      await Promise.allSettled(entries().map(({ name }) => loopOf(name).turn()));
    },
  };
}
