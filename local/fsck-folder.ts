import { errnoOf } from '../shared/errors.ts';
import { readEventLines } from '../shared/event/event-lines.ts';
import { EVENTS, listSegments, segmentPath } from '../shared/event/event-segments.ts';
import type { FsckProblem } from '../shared/store/fsck/fsck-problem.ts';
import { INBOX, unreadableRequests } from './request-inbox.ts';

const problem = (kind: FsckProblem['kind'], key: string, got: string, hint: string): FsckProblem => ({
  kind,
  key,
  wanted: kind === 'event-invalid' ? 'events' : 'a request',
  got,
  hint,
});

const cannotRead = (error: unknown): string => `cannot be read: ${errnoOf(error) ?? String(error)}`;
const CHECK_DISK = 'Check the disk and the permissions of the folder.';

/** Lines that are no event. One that a crash or a full disk cut short is none of them: its event was sent again. */
async function checkSegment(root: string, segment: number): Promise<readonly FsckProblem[]> {
  const path = segmentPath(root, segment);
  const key = path.slice(root.length + 1);
  let line = 0;
  let first = 0;
  let damaged = 0;
  try {
    for await (const { isDamaged } of readEventLines(path, 0)) {
      line += 1;
      if (!isDamaged) continue;
      damaged += 1;
      if (first === 0) first = line;
    }
  } catch (error) {
    return [problem('event-invalid', key, cannotRead(error), CHECK_DISK)];
  }
  if (damaged === 0) return [];
  const got = `${damaged} lines that are none, the first at line ${first}`;
  return [
    problem(
      'event-invalid',
      key,
      got,
      'Restore it from a backup, or delete those lines: readers leave them out.',
    ),
  ];
}

async function checkEvents(root: string): Promise<readonly FsckProblem[]> {
  const problems: FsckProblem[] = [];
  try {
    for (const segment of await listSegments(root)) problems.push(...(await checkSegment(root, segment)));
  } catch (error) {
    problems.push(problem('event-invalid', EVENTS, cannotRead(error), CHECK_DISK));
  }
  return problems;
}

async function checkRequests(root: string): Promise<readonly FsckProblem[]> {
  try {
    const names = await unreadableRequests(root);
    const hint = 'Delete it: whoever asked can ask again.';
    return names.map((name) => problem('request-invalid', `${INBOX}/${name}`, 'something else', hint));
  } catch (error) {
    return [problem('request-invalid', INBOX, cannotRead(error), CHECK_DISK)];
  }
}

/** What is wrong in a store's folder beside its keys. `root` is absolute. */
export const checkBeside = async (root: string): Promise<readonly FsckProblem[]> => [
  ...(await checkEvents(root)),
  ...(await checkRequests(root)),
];
