import { mapOf } from '../../shared/kernel/each-of.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { Status } from '../../shared/model/status.ts';
import { readStatus } from '../../shared/store/status-store.ts';
import type { Store } from '../../shared/store/store.ts';
import type { ListedDeploy } from './deploys.ts';
import { type ListingOptions, READS, reading } from './listing.ts';

/**
 * That a deploy has applied a later generation than its source has, as after a status was lost: what is pushed then lands, and
 * is not deployed until the source is as far again. Undefined where it has not. The status is one that was read after the ledger.
 */
export function aheadOf(
  { id, lowest }: Pick<ListedDeploy, 'id' | 'lowest'>,
  status: Pick<Status, 'current'> | undefined,
): string | undefined {
  const generation = status?.current?.generation;
  if (generation === undefined || generation >= lowest) return undefined;
  const again = `landfall replay ${formatSourceId(id)} --deploy ${id.deploy}`;
  return `applies nothing before generation ${lowest}, and its source is at ${generation}, as after its status was lost; next: ${again}`;
}

/** Those of some deploys, a line each. */
export async function aheadNotes(
  deploys: readonly ListedDeploy[],
  { objects }: Pick<Store, 'objects'>,
  { signal }: ListingOptions,
): Promise<readonly string[]> {
  const ran = deploys.filter(({ lowest }) => lowest > 0);
  const sources = new Map(ran.map(({ id }) => [formatSourceId(id), id]));
  const statuses = await mapOf([...sources], { limit: READS, signal }, async ([source, id]) => {
    const read = await reading(() => readStatus(objects, id, { signal }), { signal });
    // What cannot be read says nothing of that: `get sources` tells of it.
    return [source, 'value' in read ? read.value?.status : undefined] as const;
  });
  const known = new Map(statuses);
  return ran.flatMap((each) => {
    const ahead = aheadOf(each, known.get(formatSourceId(each.id)));
    return ahead === undefined ? [] : [`${each.id.deploy} of ${formatSourceId(each.id)} ${ahead}`];
  });
}
