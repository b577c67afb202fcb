import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import { LandfallError } from '../shared/errors.ts';
import { startDeadline } from '../shared/kernel/deadline.ts';
import { isObject, parseObject } from '../shared/kernel/json.ts';
import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import type { Configuration, StalledSource } from '../shared/source/source.ts';
import { ReconcileCounts, readReconcileCounts } from './observe/reconcile-counts.ts';

/** Rarely enough that 10,000 sources cost nothing to speak of; whether serve runs is told by its lock, at once. */
const BEAT_MS = 30_000;
/** Of few sources what they looked at last is written sooner: people try Landfall with intervals of seconds. */
const FEW_SOURCES = 100;
const FEW_BEAT_MS = 5_000;
/** What a person may wait to see is written sooner: first looks, and those at which something was new. */
const SOON_MS = 1_000;
const FILE = 'serve.json';
/** Who asks whether it is well waits no longer than a few seconds. */
const PROBE_MS = 3_000;

const silent = (): LandfallError =>
  new LandfallError('STORE_UNAVAILABLE', `the store did not answer within ${PROBE_MS / 1000} s`);

/** `kept`: it is refused, and the last good one stays in force; `refused`: it is, and the source stalls. */
export type DocumentState = 'current' | 'kept' | 'refused';

/** When a source was reconciled and will be, RFC 3339; null: not yet, or by no schedule. */
export interface Watch {
  readonly lastLookedAt: string | null;
  readonly nextLookAt: string | null;
  readonly document: DocumentState;
  /** What is wrong with the document. */
  readonly problem?: string;
}

/** What serve last wrote of itself: at most {@link BEAT_MS} old while it runs. */
export interface Heartbeat {
  readonly at: string;
  /** It reconciled each source once and ended, as it was to. */
  readonly once: boolean;
  /** By `namespace/name`: all of the documents. */
  readonly sources: ReadonlyMap<string, Watch>;
  /** Of the documents: the source or the glob that each is for, by its name. Undefined: of a serve that did not say. */
  readonly deploys: ReadonlyMap<string, string> | undefined;
  /** Of the deploys that have one, by name. */
  readonly patterns: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** What is wrong with the documents and with no source that it could be told of, a line each. */
  readonly problems: readonly string[];
  /** Names of the policies of the installation that its sources are held to. */
  readonly policies: readonly string[];
  /** How many looks there were, by the hour that they were in, RFC 3339: of the last two days. */
  readonly looks: ReadonlyMap<string, number>;
}

export interface RunningHeartbeat extends AsyncDisposable {
  /** `isNews`: something came of it, or somebody asked. */
  looked(source: SourceId, isNews: boolean): void;
  /** Writes now: what is watched has changed. */
  beat(): Promise<void>;
  /** The same, and asks the store whether it answers. */
  probe(): Promise<void>;
}

interface HeartbeatOptions {
  readonly root: string;
  readonly once: boolean;
  readonly clock: Clock;
  readonly configuration: () => Configuration;
  /** What else is wrong than the configuration says: why documents cannot be read, or a receiver is closed. */
  readonly problems: () => readonly string[];
  /** Milliseconds since the epoch; undefined: by no schedule. */
  readonly nextLookAt: (source: SourceId) => number | undefined;
  /** Looks that were counted before it began. */
  readonly before: Heartbeat['looks'];
  /** Asks the store whether it answers, where it is not what the beat is written into. */
  readonly probe?: ((signal: AbortSignal) => Promise<unknown>) | undefined;
  /** Whether this process has the lock of `root`: without it nothing is written there. Default: it has. */
  readonly isHeld?: () => boolean;
  /** What kept the last beat from being written; undefined: nothing. */
  readonly onBeat?: (failure: unknown) => void;
  /** What the store that was asked refused with; undefined: it answered. */
  readonly onProbe?: (failure: unknown) => void;
}

const stamp = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();

const refusalsOf = (
  refused: readonly StalledSource[],
  document: DocumentState,
): readonly (readonly [string, Pick<Watch, 'document' | 'problem'>])[] =>
  refused.map((source) => [formatSourceId(source), { document, problem: source.message }]);

/** Writes what is watched and when it was looked at into one file of the store. Best effort: nothing is decided by it. */
export function startHeartbeat({
  root,
  once,
  clock,
  configuration,
  problems: others,
  nextLookAt,
  before,
  probe,
  isHeld = () => true,
  onBeat = () => undefined,
  onProbe = () => undefined,
}: HeartbeatOptions): RunningHeartbeat {
  const looked = new Map<string, number>();
  const looks = new ReconcileCounts(before);
  const path = join(root, FILE);
  let writing = Promise.resolve();
  const write = async (): Promise<void> => {
    // Whoever looks after the lock tells why.
    if (!isHeld()) return;
    const { sources, stalled, kept = [], deploys, problems = [] } = configuration();
    const refusals = new Map([...refusalsOf(kept, 'kept'), ...refusalsOf(stalled, 'refused')]);
    const watched = [...sources, ...stalled].map((source) => {
      const id = formatSourceId(source);
      const times = { lastLookedAt: stamp(looked.get(id)), nextLookAt: stamp(nextLookAt(source)) };
      return [id, Object.assign(times, refusals.get(id))] as const;
    });
    const document = {
      formatVersion: 1,
      at: stamp(clock.now()),
      once,
      sources: Object.fromEntries(watched),
      deploys: Object.fromEntries(deploys.map(({ name, source }) => [name, source])),
      patterns: Object.fromEntries(
        deploys.flatMap(({ name, pattern }) => (pattern ? [[name, pattern]] : [])),
      ),
      problems: [...others(), ...problems],
      looks: looks.read(clock.now()),
      policies: [...new Set(sources.flatMap(({ policies = [] }) => policies.map(({ name = '' }) => name)))],
    };
    await writeFile(`${path}.new`, `${JSON.stringify(document)}\n`);
    await rename(`${path}.new`, path);
  };
  // A disk that is full or read-only tells every other write, which has somebody to tell.
  const beat = (): Promise<void> => {
    writing = writing.then(write).then(() => onBeat(undefined), onBeat);
    return writing;
  };
  const asked = async (): Promise<void> => {
    await beat();
    if (probe === undefined) return;
    using deadline = startDeadline(PROBE_MS, silent, { unref: true });
    await probe(deadline.signal).then(() => onProbe(undefined), onProbe);
  };
  let ticks = 0;
  let hasLooked = false;
  const tick = (): Promise<void> | undefined => {
    ticks += 1;
    const isDue = (ticks * FEW_BEAT_MS) % BEAT_MS === 0;
    const isSoon = hasLooked && configuration().sources.length <= FEW_SOURCES;
    if (!isSoon && !isDue) return undefined;
    hasLooked = false;
    return isDue ? asked() : beat();
  };
  const timer = setInterval(tick, FEW_BEAT_MS).unref();
  let soon: NodeJS.Timeout | undefined;
  const beatSoon = (): void => {
    soon ??= setTimeout(() => {
      soon = undefined;
      return beat();
    }, SOON_MS).unref();
  };
  return {
    looked: (source, isNews) => {
      const id = formatSourceId(source);
      if (isNews || !looked.has(id)) beatSoon();
      looked.set(id, clock.now());
      hasLooked = true;
      looks.count(clock.now());
    },
    beat,
    probe: asked,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      clearTimeout(soon);
      await beat();
    },
  };
}

/** Whether a serve that runs is late to write it: it hangs, or cannot write. */
export const isLate = ({ at }: Heartbeat, now: number): boolean => now - Date.parse(at) > 3 * BEAT_MS;

const isPatternEntry = (entry: [string, unknown]): entry is [string, Record<string, unknown>] =>
  isObject(entry[1]);

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function readWatch(value: unknown): Watch {
  const { lastLookedAt, nextLookAt, document, problem } = isObject(value) ? value : {};
  return {
    lastLookedAt: textOrNull(lastLookedAt),
    nextLookAt: textOrNull(nextLookAt),
    document: document === 'kept' || document === 'refused' ? document : 'current',
    ...(typeof problem === 'string' && { problem }),
  };
}

/** The last heartbeat of a store; undefined where there is none that can be read. `root` is absolute. */
export async function readHeartbeat(root: string): Promise<Heartbeat | undefined> {
  const text = await readFile(join(root, FILE), 'utf8').catch(() => '');
  const { formatVersion, at, once, sources, deploys, patterns, problems, policies, looks } =
    parseObject(text) ?? {};
  if (formatVersion !== 1 || typeof at !== 'string' || !isObject(sources)) return undefined;
  const watched = Object.entries(sources).map(([id, value]) => [id, readWatch(value)] as const);
  const named = isObject(deploys)
    ? new Map(Object.entries(deploys).map(([name, source]) => [name, textOrNull(source) ?? ''] as const))
    : undefined;
  return {
    at,
    once: once === true,
    sources: new Map(watched),
    deploys: named,
    patterns: new Map(Object.entries(isObject(patterns) ? patterns : {}).filter(isPatternEntry)),
    problems: Array.isArray(problems) ? problems.map(String) : [],
    policies: Array.isArray(policies) ? policies.map(String) : [],
    looks: readReconcileCounts(looks),
  };
}
