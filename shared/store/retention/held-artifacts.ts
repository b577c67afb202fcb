import * as z from 'zod/mini';
import { isLandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { type DocumentKind, formatDocument, parseDocument } from '../document.ts';
import { artifactPrefix, HELD_KEY } from '../layout.ts';
import type { Store } from '../store.ts';
import type { Unreadable } from './references.ts';

const schema = z.object({
  formatVersion: z.literal(1),
  held: z.array(
    z.object({
      /** Of a status or ledger that was damaged, and the version it had then. */
      key: z.string(),
      version: z.string(),
      /** Prefixes of all artifacts there were when that was found: it can name no other. */
      artifacts: z.array(z.string()),
    }),
  ),
});

type Held = z.infer<typeof schema>;

const KIND: DocumentKind<Held> = {
  what: 'the list of held artifacts',
  schema,
  hint: 'Delete it: what is there then is held while a status or ledger is damaged.',
};

async function readHeld(
  { objects }: Store,
  options: CallOptions,
): Promise<{ readonly held: Held; readonly version?: string }> {
  const stored = await objects.get(HELD_KEY, options);
  const none: Held = { formatVersion: 1, held: [] };
  if (stored === undefined) return { held: none };
  try {
    return { held: parseDocument(KIND, HELD_KEY, stored.bytes), version: stored.version };
  } catch (error) {
    if (!isLandfallError(error) || error.code !== 'STORE_CORRUPT') throw error;
    return { held: none, version: stored.version };
  }
}

/**
 * What stays for the sake of damaged statuses and ledgers, by prefix. Who cannot read one does not know what it names;
 * but it can name only what was there when it broke. So all of that is written down once, and what is landed and
 * replaced later is collected as ever. A list that cannot be written holds all there is, this time.
 */
export async function heldArtifacts(
  store: Store,
  unreadable: readonly Unreadable[],
  { dryRun, signal }: CallOptions & { readonly dryRun: boolean },
): Promise<ReadonlySet<string>> {
  const { held: before, version } = await readHeld(store, { signal });
  const kept = before.held.filter((each) =>
    unreadable.some(({ key, version: now }) => each.key === key && each.version === now),
  );
  const fresh = unreadable.filter(({ key }) => kept.every((each) => each.key !== key));
  const artifacts: string[] = [];
  // Listed after the damage was seen: whatever it names is among them.
  if (fresh.length > 0)
    for await (const id of store.artifacts.list({ signal })) artifacts.push(artifactPrefix(id));
  const held = [...kept, ...fresh.map(({ key, version: now }) => ({ key, version: now, artifacts }))];
  const isChanged = fresh.length > 0 || kept.length < before.held.length;
  if (isChanged && !dryRun) await writeHeld(store, { formatVersion: 1, held }, { version, signal });
  return new Set(held.flatMap((each) => each.artifacts));
}

/** Not written, it is made anew by the next collect, and holds what is there then. */
async function writeHeld(
  { objects }: Store,
  held: Held,
  { version, signal }: CallOptions & { readonly version: string | undefined },
): Promise<void> {
  try {
    if (held.held.length === 0) await objects.delete([HELD_KEY], { signal });
    else await objects.replace(HELD_KEY, formatDocument(held), version, { signal });
  } catch (error) {
    throwIfCancelled('collect', signal);
    if (!isLandfallError(error)) throw error;
  }
}
