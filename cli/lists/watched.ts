import {
  type DocumentState,
  type Heartbeat,
  isLate,
  readHeartbeat,
  type Watch,
} from '../../local/heartbeat.ts';
import type { OpenedStore } from '../../local/store/open-store.ts';
import { servedHere } from '../../local/store/state-folder.ts';
import { systemClock } from '../../shared/clock.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { serveOwner } from '../../shared/store/directory/serve-lock.ts';
import { secondsOf } from './listing.ts';
import { watchedByFunctions } from './watched-bucket.ts';

/** What serve, or a deployed Landfall, says of what it watches, and whether it still does. */
export interface WatchedStore
  extends Pick<Heartbeat, 'sources' | 'deploys'>,
    Partial<Pick<Heartbeat, 'patterns' | 'looks'>> {
  /** To be told: nobody serves what somebody served; documents are refused. */
  readonly notes: readonly string[];
  /** What is refused of the documents, a line each: what is missing may be in them. */
  readonly refused?: readonly string[];
  /** Why nobody looks, in words; undefined: somebody does, or it is not known. */
  readonly death?: string | undefined;
  /** Whether who watches is at work: then a next look comes. */
  readonly isAlive: boolean;
}

async function livenessOf(root: string, heartbeat: Heartbeat): Promise<string | undefined> {
  if (heartbeat.once) return undefined;
  const since = `since about ${secondsOf(heartbeat.at)}`;
  if ((await serveOwner(root)) === undefined)
    return `no serve runs on this store ${since}: nothing is looked at`;
  if (!isLate(heartbeat, systemClock.now())) return undefined;
  return `serve runs, but has written nothing into this store ${since}: what is told here may be old; see its log`;
}

const refusedNote = (problem: string): string => `document is refused: ${problem}`;

/** Undefined where nobody has said what is watched. @throws LandfallError STORE_* */
export async function watchedOf(
  store: OpenedStore,
  options: CallOptions = {},
): Promise<WatchedStore | undefined> {
  if (store.kind === 'directory') return watchedByServe(store.root);
  const served = await servedHere(store);
  return served === undefined ? watchedByFunctions(store, options) : watchedByServe(served);
}

async function watchedByServe(root: string): Promise<WatchedStore | undefined> {
  const heartbeat = await readHeartbeat(root);
  if (heartbeat === undefined) return undefined;
  const { sources, deploys, patterns, looks, problems, once } = heartbeat;
  const death = await livenessOf(root, heartbeat);
  const notes = [...(death === undefined ? [] : [death]), ...problems.map(refusedNote)];
  const known = { sources, deploys, patterns, looks, notes, refused: problems, death };
  return { ...known, isAlive: death === undefined && !once };
}

/** As documents print it. `watched`: it is in a document. */
export interface SourceWatch extends Omit<Watch, 'document'> {
  readonly watched: boolean;
  readonly document: DocumentState | 'absent';
}

export function watchOf({ sources, isAlive }: WatchedStore, id: string): SourceWatch {
  const watch = sources.get(id);
  if (watch === undefined)
    return { watched: false, lastLookedAt: null, nextLookAt: null, document: 'absent' };
  return { ...watch, watched: true, nextLookAt: isAlive ? watch.nextLookAt : null };
}

const DOCUMENTS: Readonly<Record<SourceWatch['document'], string | undefined>> = {
  current: undefined,
  kept: 'its document is refused, and the last good one stays in force',
  refused: 'its document is refused: it is not looked at until that is corrected',
  absent: 'in no document that serve follows: it is not looked at any more',
};

/** How one source is watched, in lines. `isSuspended`: its looks end before the registry is asked. */
export function watchLines(
  { document, problem, lastLookedAt: last, nextLookAt: next }: SourceWatch,
  isSuspended = false,
): readonly string[] {
  const told = DOCUMENTS[document];
  const about = told === undefined ? [] : [problem === undefined ? told : `${told}: ${problem}`];
  if (document === 'absent') return about;
  const looked = last === null ? 'first look since the start under way' : `last looked at ${secondsOf(last)}`;
  const soon = next === null || isSuspended ? looked : `${looked}, next about ${secondsOf(next)}`;
  return document === 'refused' ? about : [soon, ...about];
}
