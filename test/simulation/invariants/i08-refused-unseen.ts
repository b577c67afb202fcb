import { ARTIFACTS_PREFIX, parseRecordKey } from '../../../shared/store/layout.ts';
import type { Invariant } from './seen.ts';

/** What is refused leaves nothing that a reader of keys could see. */
export const refusedUnseen: Invariant = ({ objects, touched, truth }) =>
  [...touched].flatMap((key) => {
    if (!key.startsWith(ARTIFACTS_PREFIX) || !objects.has(key)) return [];
    const record = `${key.split('/').slice(0, 4).join('/')}/artifact.json`;
    const id = parseRecordKey(record);
    const fault = id && truth.faultOf(id.digest);
    if (fault !== undefined) return [`I8: ${key} is of what is ${fault}`];
    return objects.has(record) ? [] : [`I8: ${key} is there without a record`];
  });
