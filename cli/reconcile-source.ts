import { postToQueue } from '../local/post-to-queue.ts';
import { postRequest } from '../local/request-inbox.ts';
import { localOrigin } from '../local/store/local-origin.ts';
import type { FolderStore, OpenedStore } from '../local/store/open-store.ts';
import { machineTrust } from '../local/trust/machine-trust.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import { LandfallError } from '../shared/errors.ts';
import { EventLog } from '../shared/event/event-log.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import { throwIfCancelled } from '../shared/kernel/cancelled.ts';
import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import type { Status } from '../shared/model/status.ts';
import { reconcile } from '../shared/reconcile/reconcile.ts';
import { requestReconcile } from '../shared/reconcile/suspend.ts';
import { requireStatus } from '../shared/store/status-store.ts';
import type { Store } from '../shared/store/store.ts';
import { type PolicyOptions, requirePolicies } from './options/policy-options.ts';
import { openRegistry, type RegistryOptions } from './options/registry-options.ts';
import { findSource, noSource, sourceIn } from './source-documents.ts';
import { progressBar } from './terminal/progress.ts';
import { type Terminal, writeLine } from './terminal/terminal.ts';

interface ByDocuments extends PolicyOptions, RegistryOptions {
  readonly file: readonly string[];
  readonly queue?: string;
}

export const ANSWER_MS = 100;
/** A request each: S3 wants money for them. */
export const DEPLOYED_ANSWER_MS = 1_000;

interface AskOptions {
  /** Puts the source before whoever serves the store. */
  readonly post: (options: CallOptions) => Promise<void>;
  readonly everyMs: number;
  readonly wait: boolean;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Asks who serves the store and, if told to, waits until the source's status says that it was answered. */
export async function askServe(
  id: SourceId,
  store: Store,
  { post, everyMs, wait, signal, clock }: AskOptions,
): Promise<Status> {
  const token = crypto.randomUUID();
  await requestReconcile(id, token, { objects: store.objects, clock, signal });
  await post({ signal });
  let status = await requireStatus(store.objects, id, { signal });
  while (wait && status.request?.handled !== token) {
    await clock.sleep(everyMs, signal);
    status = await requireStatus(store.objects, id, { signal });
  }
  return status;
}

/** @param served where a serve of this machine that follows the store takes requests */
export function postTo(
  id: SourceId,
  { store, served }: { readonly store: OpenedStore; readonly served: string | undefined },
  { queue, file }: ByDocuments,
): Pick<AskOptions, 'post' | 'everyMs'> {
  const here = (root: string) => ({
    post: async () => void (await postRequest(root, id)),
    everyMs: ANSWER_MS,
  });
  if (store.kind === 'directory') return here(store.root);
  if (served !== undefined) return { ...here(served), everyMs: DEPLOYED_ANSWER_MS };
  if (queue === undefined || file.length > 0) {
    const why = file.length > 0 ? 'its own documents, not those of -f' : 'who is asked through its queue';
    throw new LandfallError(
      'USAGE',
      `s3://${store.location.bucket} is served by a deployed Landfall with ${why}`,
      {
        hint: 'Give the queue of the stack with --queue URL or LANDFALL_QUEUE_URL, and leave -f out.',
      },
    );
  }
  return { post: (given) => postToQueue(queue, id, store, given), everyMs: DEPLOYED_ANSWER_MS };
}

export async function reconcileHere(
  id: SourceId,
  store: FolderStore,
  options: ByDocuments,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Status> {
  if (options.file.length === 0) {
    throw new LandfallError('USAGE', `no serve runs on ${store.root}, so the source's document is needed`, {
      hint: 'Add -f sources.yaml, or start: landfall serve -f sources.yaml',
    });
  }
  await requirePolicies(store.root, options);
  const { configuration, source } = await findSource(id, options, terminal);
  if (source === undefined) throw noSource(id, options.file, configuration);
  if (source.suspend) {
    throw new LandfallError('USAGE', `${formatSourceId(id)} is suspended by its document`, {
      hint: 'Leave suspend: true out of it to have the source looked at.',
    });
  }
  await using registry = openRegistry(options, configuration.credentials);
  const bus = new EventLog(store.root);
  const bar = progressBar(terminal, 'fetch');
  try {
    await reconcile(
      { source, trigger: 'request', signal },
      {
        registry: registry.client,
        trust: machineTrust(process.env, systemClock, store.objects),
        store,
        bus,
        clock: systemClock,
        origin: localOrigin(store.root),
        sourceOf: sourceIn(configuration),
        onProgress: bar.update,
        onNote: (_, note) => {
          bar.clear();
          writeLine(terminal.stderr, `note: ${formatSourceId(id)}: ${note}`);
        },
      },
    );
  } finally {
    bar.clear();
    await bus.close();
  }
  // Of a first look that was cut off there is no status, and the cut is what is to be told.
  throwIfCancelled(`reconcile ${formatSourceId(id)}`, signal);
  return await requireStatus(store.objects, id);
}
