import type * as z from 'zod/mini';
import { parseObject } from '../kernel/json.ts';

/**
 * What is kept only to save work, and can be made anew at any time. Its version rule is its schema, with `formatVersion`
 * in it: what another version wrote, an older or a newer, is as good as none (undefined) and is replaced. So an upgrade
 * and its rollback both go on, where a document that is the only one of its facts has to say `upgrade`.
 */
export function parseDerived<T>(schema: z.ZodMiniType<T>, bytes: Uint8Array): T | undefined {
  const read = schema.safeParse(parseObject(bytes));
  return read.success ? read.data : undefined;
}
