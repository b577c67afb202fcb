import type { DocumentState, Watch } from '../../local/heartbeat.ts';
import type { BucketStore } from '../../local/store/open-store.ts';
import { systemClock } from '../../shared/clock.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import { parseDerived } from '../../shared/store/derived.ts';
import { CONFIGURATION_KEY } from '../../shared/store/layout.ts';
import { nextDue } from '../../shared/trigger/schedule.ts';
import type { WatchedStore } from './watched.ts';

/** Functions look each minute, and write of no look at which nothing was new: when the last was is not known. */
const watched = (document: DocumentState, next: number | undefined, problem?: string): Watch => ({
  lastLookedAt: null,
  nextLookAt: next === undefined ? null : new Date(next).toISOString(),
  document,
  ...(problem !== undefined && { problem }),
});

/**
 * What the functions of a deployed Landfall watch, as its configuration in force has it; undefined where that is of a
 * Landfall of another version, or there is none. @throws LandfallError STORE_*
 */
export async function watchedByFunctions(
  { objects }: BucketStore,
  options: CallOptions,
): Promise<WatchedStore | undefined> {
  const stored = await objects.get(CONFIGURATION_KEY, options);
  if (stored === undefined) return undefined;
  const { compiledSchema, sourcesOf } = await import('../../shared/aws/configuration/compiled.ts');
  const compiled = parseDerived(compiledSchema, stored.bytes);
  if (compiled === undefined) return undefined;
  const now = systemClock.now();
  const idOf = (source: SourceId): string => formatSourceId(source);
  const sources = new Map<string, Watch>([
    ...sourcesOf(compiled).map((source) => [idOf(source), watched('current', nextDue(source, now))] as const),
    ...compiled.stalled.map(
      (source) => [idOf(source), watched('refused', undefined, source.message)] as const,
    ),
  ]);
  const told = (problem: string): boolean =>
    compiled.stalled.some(({ message }) => message.includes(problem));
  const notes = compiled.problems
    .filter((problem) => !told(problem))
    .map((each) => `document is refused: ${each}`);
  // Deploys are in the stack, too, which nobody here knows.
  return { sources, deploys: undefined, notes, isAlive: true };
}
