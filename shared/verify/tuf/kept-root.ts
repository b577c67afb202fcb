import * as z from 'zod/mini';
import { parseJson } from '../../kernel/json.ts';
import { matched } from '../../kernel/matched.ts';

const metadata = z.object({
  root: z.string(),
  timestamp: z.string(),
  snapshot: z.string(),
  targets: z.string(),
});

const schema = z.object({
  formatVersion: z.literal(1),
  mirror: z.string(),
  /** When TUF last said that it is the newest; ISO 8601, as `until`, when the first of its metadata runs out. */
  refreshedAt: z.iso.datetime(),
  until: z.iso.datetime(),
  /** As the mirror had them: what comes later is held against it. */
  metadata,
  /** The `trusted_root.json`. */
  text: z.string(),
});

/** A trusted root as TUF had it, with what proves that a later one is later. */
export type KeptRoot = z.output<typeof schema>;
export type TufMetadata = KeptRoot['metadata'];

/** Undefined for what is none: the root is then had anew, from the one that a policy begins with. */
export function parseKeptRoot(bytes: Uint8Array): KeptRoot | undefined {
  const parsed = parseJson(bytes);
  const read = parsed.ok ? matched(parsed.value, schema) : undefined;
  return read?.ok === true ? read.data : undefined;
}
