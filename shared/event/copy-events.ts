import { cp, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { guarded } from '../store/directory/filesystem-error.ts';
import { EVENTS, listSegments, segmentPath } from './event-segments.ts';

/** Copies the log of events into a store that has none. Who appends meanwhile may leave half a line, which readers pass over. */
export const copyEvents = (from: string, to: string): Promise<void> =>
  guarded('copy the log of events', async () => {
    const there = await readdir(join(to, EVENTS)).catch(() => []);
    if (there.length > 0) return;
    for (const segment of await listSegments(from)) {
      const path = segmentPath(from, segment);
      await cp(path, join(to, EVENTS, basename(path)), { recursive: true });
    }
  });
