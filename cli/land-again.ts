import { postRequest } from '../local/request-inbox.ts';
import type { FolderStore } from '../local/store/open-store.ts';
import { systemClock } from '../shared/clock.ts';
import { asLandfallError } from '../shared/errors.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import { throwIfCancelled } from '../shared/kernel/cancelled.ts';
import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import { isServing } from '../shared/store/directory/serve-lock.ts';
import type { NamedRevision } from '../shared/store/fsck/fsck.ts';
import { recordKey } from '../shared/store/layout.ts';
import type { PolicyOptions } from './options/policy-options.ts';
import type { RegistryOptions } from './options/registry-options.ts';
import { ANSWER_MS, askServe, reconcileHere } from './reconcile-source.ts';
import { type Terminal, writeMessage } from './terminal/terminal.ts';

export interface LandedAgain {
  readonly landed: readonly NamedRevision[];
  /** Not landed: gone from the registry too, or it could not be asked. */
  readonly lost: readonly NamedRevision[];
  /** Not landed when the time was over: what they are is not known. */
  readonly late: readonly NamedRevision[];
}

interface Landing extends CallOptions {
  readonly store: FolderStore;
  readonly terminal: Terminal;
  readonly options: PolicyOptions & RegistryOptions & { readonly file: readonly string[] };
  readonly signal: AbortSignal;
  /** Of the whole command, which ends nothing but by a person: `signal` has the deadline, too. */
  readonly interrupted: AbortSignal;
}

/** Has a source looked at: by whoever serves the store, else here. What fails is told, and keeps no other. */
async function look(id: SourceId, isServed: boolean, landing: Landing): Promise<void> {
  const { store, options, terminal, signal, interrupted } = landing;
  try {
    if (!isServed) return void (await reconcileHere(id, store, options, terminal, signal));
    const post = async (): Promise<void> => void (await postRequest(store.root, id));
    await askServe(id, store, { post, everyMs: ANSWER_MS, wait: true, signal, clock: systemClock });
  } catch (error) {
    throwIfCancelled('fsck', interrupted);
    const { code, message } = asLandfallError(error);
    writeMessage(terminal.stderr, `note: ${formatSourceId(id)}: ${code}: ${message}`);
  }
}

/**
 * Lands again, by digest, what a repair found to be gone. Undefined where nobody serves the store and no documents are
 * given: then the next reconcile does.
 */
export async function landAgain(
  toLand: readonly NamedRevision[],
  landing: Landing,
): Promise<LandedAgain | undefined> {
  const { store, options, signal, interrupted } = landing;
  const isServed = await isServing(store.root);
  if (!isServed && options.file.length === 0) return undefined;
  const sources = new Map(toLand.map(({ namespace, name }) => [`${namespace}/${name}`, { namespace, name }]));
  const asked = new Set<string>();
  for (const [name, id] of sources) {
    if (signal.aborted) break;
    await look(id, isServed, landing);
    if (!signal.aborted) asked.add(name);
  }
  const found: { [Outcome in keyof LandedAgain]: NamedRevision[] } = { landed: [], lost: [], late: [] };
  for (const revision of toLand) {
    const isThere = (await store.objects.get(recordKey(revision), { signal: interrupted })) !== undefined;
    const missing = asked.has(formatSourceId(revision)) ? 'lost' : 'late';
    found[isThere ? 'landed' : missing].push(revision);
  }
  return found;
}
