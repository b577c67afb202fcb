import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { mapOf } from '../../shared/kernel/each-of.ts';
import { parseQualified } from '../../shared/model/ids.ts';
import type { Status } from '../../shared/model/status.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import { readStatus } from '../../shared/store/status-store.ts';
import { shortRevision } from '../terminal/table.ts';

/** Statuses read at the same time. */
const READS = 16;

/** How a part stands, beside what was taken of it; undefined: nothing to say. */
function standingOfPart(revision: string, status: Status | undefined): string | undefined {
  if (status?.current === undefined || status.current === null) return 'which has landed nothing now';
  const { current, failure, suspended } = status;
  if (failure !== null) return `which fails: ${failure.code}`;
  if (current.revision !== revision) return `and is at ${shortRevision(current.revision)} now`;
  return suspended === null ? undefined : `which is suspended by ${suspended.by}`;
}

/** What a source is composed of, a line each, with what is to be known of the part; none where it is not composed. */
export async function partLines(
  { current }: Pick<Status, 'current'>,
  { objects, signal }: CallOptions & { readonly objects: ObjectStore },
): Promise<readonly string[]> {
  return mapOf(current?.parts ?? [], { limit: READS, signal }, async ({ source, revision }) => {
    const status = (await readStatus(objects, parseQualified(source), { signal }))?.status;
    const standing = standingOfPart(revision, status);
    return `  of ${source} at ${shortRevision(revision)}${standing === undefined ? '' : `, ${standing}`}`;
  });
}
