import type { Command } from 'commander';
import { localOrigin } from '../../local/local-origin.ts';
import { makeStore, type OpenedStore } from '../../local/open-store.ts';
import { postToQueue } from '../../local/post-to-queue.ts';
import { postRequest } from '../../local/request-inbox.ts';
import { isS3Location } from '../../shared/aws/s3/location.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { errorCodeOf, LandfallError } from '../../shared/errors.ts';
import { EventLog } from '../../shared/event/event-log.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { Status } from '../../shared/model/status.ts';
import { reconcile } from '../../shared/reconcile/reconcile.ts';
import { requestReconcile } from '../../shared/reconcile/suspend.ts';
import { isServing } from '../../shared/store/directory/serve-lock.ts';
import { requireStatus } from '../../shared/store/status-store.ts';
import type { Store } from '../../shared/store/store.ts';
import type { CommandContext } from '../command.ts';
import { deadline } from '../options/deadline.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { parseSourceId } from '../options/source-id.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { findSource } from '../source-documents.ts';
import { progressBar } from '../terminal/progress.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface ReconcileOptions extends RegistryOptions, StoreOptions {
  readonly file: readonly string[];
  readonly queue?: string;
  readonly wait?: boolean;
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
Where serve runs on the store, it is asked to look at the source; --wait waits for the answer. Where nobody serves,
the command looks itself, and needs the documents (-f). A failure that was given up on is tried again.

Examples:
  landfall reconcile web/site --store ./store --wait
  landfall reconcile web/site --store ./store -f sources.yaml
  landfall reconcile web/site --store s3://my-store --queue https://sqs.eu-central-1.amazonaws.com/…/landfall.fifo`;

const ANSWER_MS = 100;
/** A request each: S3 wants money for them. */
const DEPLOYED_ANSWER_MS = 1_000;

interface AskOptions {
  /** Puts the source before whoever serves the store. */
  readonly post: (options: CallOptions) => Promise<void>;
  readonly everyMs: number;
  readonly wait: boolean;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Asks who serves the store and, if told to, waits until the source's status says that it was answered. */
async function ask(
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

function postTo(
  id: SourceId,
  store: OpenedStore,
  { queue, file }: ReconcileOptions,
): Pick<AskOptions, 'post' | 'everyMs'> {
  if (store.kind === 'directory')
    return { post: async () => void (await postRequest(store.root, id)), everyMs: ANSWER_MS };
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

async function reconcileHere(
  id: SourceId,
  store: Store & { readonly root: string },
  options: ReconcileOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Status> {
  if (options.file.length === 0) {
    throw new LandfallError('USAGE', `no serve runs on ${store.root}, so the source's document is needed`, {
      hint: 'Add -f sources.yaml, or start: landfall serve -f sources.yaml',
    });
  }
  const { configuration, source } = await findSource(id, options.file, terminal);
  if (source === undefined)
    throw new LandfallError('USAGE', `no source ${formatSourceId(id)} in ${options.file.join(', ')}`, {
      hint: 'Name one that is there, as namespace/name, or give -f the document that it is in.',
    });
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
        store,
        bus,
        clock: systemClock,
        origin: localOrigin(store.root),
        onProgress: bar.update,
      },
    );
  } finally {
    bar.clear();
    await bus.close();
  }
  return requireStatus(store.objects, id);
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Reconciles a source now, through the process that serves the store or, without one, here.')
    .option(
      '-f, --file <path>',
      'source document or folder, where nobody serves; repeatable',
      (path, before: string[]) => [...before, path],
      [],
    )
    .option(
      '--queue <url>',
      'the queue of a deployed Landfall, for --store s3://…',
      process.env['LANDFALL_QUEUE_URL'] || undefined,
    )
    .option('--wait', 'wait until it was looked at, and exit 1 if that failed')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .option('--json', 'print the status document')
    .addHelpText('after', HELP);
  for (const addOptions of [addStoreOption, addRegistryOptions]) addOptions(command);
  command.action((text: string, options: ReconcileOptions) =>
    run(options, async (interrupted) => {
      const id = parseSourceId(text);
      // With documents it may be the first reconcile of all; without them there has to be something.
      if (options.file.length > 0 && !isS3Location(options.store)) await makeStore(options.store);
      await using store = await openExistingStore(options);
      const signal = deadline(interrupted, options.timeout, text);
      const isServed = store.kind === 's3' || (await isServing(store.root));
      const status =
        store.kind === 'directory' && !isServed
          ? await reconcileHere(id, store, options, terminal, signal)
          : await ask(id, store, {
              ...postTo(id, store, options),
              wait: options.wait === true,
              signal,
              clock: systemClock,
            });
      const isAnswered = !isServed || options.wait === true;
      if (isAnswered && status.failure !== null) {
        const { code, message, hint } = status.failure;
        throw new LandfallError(errorCodeOf(code), message, hint === null ? {} : { hint });
      }
      if (options.json === true) return writeJson(terminal.stdout, status);
      const at =
        status.current === null
          ? 'nothing landed yet'
          : `at ${status.current.revision}, generation ${status.current.generation}`;
      writeLine(terminal.stdout, `${formatSourceId(id)}: ${isAnswered ? at : 'asked for'}`);
      if (status.suspended !== null)
        writeLine(
          terminal.stderr,
          `it is suspended and was not looked at; landfall resume ${formatSourceId(id)} ends it`,
        );
    }),
  );
}
