import * as z from 'zod';
import { LABEL_CHARACTERS, SOURCE_LABELS } from '../../limits.ts';
import { refusedWhen } from './schema-fields.ts';

const labelKey = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/, {
  error: 'wanted a label name: 1 to 63 of A-Za-z0-9._/-, beginning and ending in a letter or digit',
});
/** Of a source and of a deploy. */
export const labels = z.record(labelKey, z.string().max(LABEL_CHARACTERS)).check(
  refusedWhen((given) => {
    const count = Object.keys(given).length;
    return count > SOURCE_LABELS
      ? { message: `wanted at most ${SOURCE_LABELS} labels, got ${count}` }
      : undefined;
  }),
);
