import * as z from 'zod/mini';
import { LandfallError } from '../../../shared/errors.ts';
import { parseJson } from '../../../shared/kernel/json.ts';
import { matched } from '../../../shared/kernel/matched.ts';
import type { PlacedSecret } from '../../../shared/notify/secret-places.ts';

/** The variable that the construct sets: a list of secrets and where each may be sent, as JSON. */
export const NOTIFY_VARIABLE = 'LANDFALL_NOTIFY_SECRETS';

const texts = z.optional(z.array(z.string()));
const schema = z.array(z.object({ secretsManager: texts, ssm: texts, to: z.array(z.string()) }));

/**
 * Where secrets of entries of `notify` may go. Where the variable is not set, nowhere but to an address that one is itself.
 * @throws LandfallError CONFIG_INVALID where it is no such list
 */
export function readPlaced(env: Readonly<Record<string, string | undefined>>): readonly PlacedSecret[] {
  const parsed = parseJson(env[NOTIFY_VARIABLE] ?? '[]');
  const read = matched(parsed.ok ? parsed.value : undefined, schema);
  if (read.ok) return read.data;
  throw new LandfallError('CONFIG_INVALID', `environment variable ${NOTIFY_VARIABLE}: ${read.why}`, {
    hint: 'Deploy the function with the Landfall construct, which sets it.',
  });
}
