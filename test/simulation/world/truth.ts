import { formatSourceId } from '../../../shared/model/ids.ts';
import type { Seen } from '../invariants/seen.ts';
import { ENTRIES, SOURCES } from './documents.ts';
import type { World } from './world.ts';

/** What people did, as those who check it are told. */
export function truthOf({ plan }: World): Seen['truth'] {
  const sourceOf = (id: string) => SOURCES.find((each) => formatSourceId(each) === id);
  return {
    faultOf: (digest) => plan.pushed.get(digest)?.fault,
    isUnderPolicy: (id) => sourceOf(id)?.verify !== undefined,
    wasHead: (id, digest, since) => {
      const source = sourceOf(id);
      return source !== undefined && plan.wasHead(source, digest, since);
    },
    entryOf: (deploy) => ENTRIES.find(({ name }) => name === deploy),
    wasAbsent: (deploy, since) => plan.absent.has(deploy) || (plan.back.get(deploy) ?? 0) >= since,
    wasAsked: (id, since) => (plan.asked.get(id) ?? 0) >= since,
    filesOf: (digest) => plan.pushed.get(digest)?.files,
    imageOfBlob: (digest) => plan.imageOfBlob.get(digest),
  };
}
