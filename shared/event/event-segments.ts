import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../errors.ts';

/** `<root>/events/00000001.jsonl`, `00000002.jsonl`, …: only the last one grows, and none is ever renamed. */
const SEGMENT = /^(\d{8})\.jsonl$/;

export const EVENTS = 'events';

export const eventsFolder = (root: string): string => join(root, EVENTS);

export const segmentPath = (root: string, segment: number): string =>
  join(eventsFolder(root), `${String(segment).padStart(8, '0')}.jsonl`);

/** The numbers of the segments there are, ascending; none where there is no log yet. */
export async function listSegments(root: string): Promise<readonly number[]> {
  const names = await readdir(eventsFolder(root)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .map((name) => Number(SEGMENT.exec(name)?.[1] ?? 0))
    .filter((segment) => segment > 0)
    .sort((a, b) => a - b);
}

export const makeEventsFolder = async (root: string): Promise<void> => {
  // Not the root, which is somebody's to make: a store that was deleted is gone.
  await mkdir(eventsFolder(root)).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw error;
  });
};
