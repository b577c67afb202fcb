import type { Command } from 'commander';
import { deployDeps } from '../../local/deploys/start-deploys.ts';
import { postEvent } from '../../local/post-to-queue.ts';
import { postRequest } from '../../local/request-inbox.ts';
import { storeOrigin } from '../../local/store/local-origin.ts';
import type { BucketStore, FolderStore, OpenedStore } from '../../local/store/open-store.ts';
import { servedHere } from '../../local/store/state-folder.ts';
import { systemClock } from '../../shared/clock.ts';
import { deploy } from '../../shared/deploy/deploy.ts';
import { deployKinds } from '../../shared/deploy/kinds/deploy-kinds.ts';
import { type Ledger, readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { type RequestedReplay, requestReplay } from '../../shared/deploy/replay.ts';
import { directoryLocationOf } from '../../shared/deploy/visit/artifact-location.ts';
import type { DeployOutcome } from '../../shared/deploy/visit/deploy-request.ts';
import { deployerOf } from '../../shared/deploy/visit/deployer.ts';
import { errorCodeOf, LandfallError } from '../../shared/errors.ts';
import { EventLog } from '../../shared/event/event-log.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import type { Store } from '../../shared/store/store.ts';
import type { CommandContext } from '../command.ts';
import { requireDeploy } from '../deploys/deploy-names.ts';
import { namedDeploys } from '../deploys/named-deploys.ts';
import { machineSecrets } from '../machine-secrets.ts';
import { deadline } from '../options/deadline.ts';
import { parseSourceId } from '../options/source-id.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface ReplayOptions extends StoreOptions {
  readonly deploy: string;
  readonly file: readonly string[];
  readonly queue?: string;
  readonly wait?: boolean;
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
The revision that is current is applied again by that deploy, and by no other: after a failure for good, or where what
it had applied is lost. No new generation, and no event for anybody else. A suspended source can be replayed too.

Where serve runs on the store, it is asked; --wait waits for the answer. Where nobody serves, the deploy runs here, and
its document is needed (-f). On AWS the event is put into the deploy's own queue (--queue).

Examples:
  landfall replay web/site --deploy live --store ./store --wait
  landfall replay web/site --deploy live --store ./store -f sources.yaml
  landfall replay web/site --deploy live --store s3://my-store --queue https://sqs.eu-central-1.amazonaws.com/…/live`;

const EVERY_MS = 100;
/** A request each: S3 wants money for them. */
const DEPLOYED_EVERY_MS = 1_000;

interface Wish extends SourceId {
  readonly deploy: string;
  readonly token: string;
}

/** What a person, a window or another deploy has to end first. */
const waits = (deploy: string, message: string): LandfallError =>
  new LandfallError('DEPLOY_UNAVAILABLE', `deploy ${deploy} waits: ${message}`, {
    hint: 'The wish stays, and is answered once that has ended.',
  });

/** Waits until the wish is out of the ledger. @throws LandfallError what the deploy failed with, DEPLOY_NOT_FOUND */
async function answerTo(
  wish: Wish,
  { before }: RequestedReplay,
  {
    store,
    everyMs,
    signal,
  }: { readonly store: Store; readonly everyMs: number; readonly signal: AbortSignal },
): Promise<Ledger> {
  const read = async () => (await readLedger(store.objects, wish.deploy, wish, { signal })).ledger;
  let ledger = await read();
  while (ledger.replay?.token === wish.token) {
    await systemClock.sleep(everyMs, signal).catch((error: unknown) => {
      throw ledger.waiting === null ? error : waits(wish.deploy, ledger.waiting.message);
    });
    ledger = await read();
  }
  if (ledger.failure !== null) {
    const { code, message, hint } = ledger.failure;
    throw new LandfallError(errorCodeOf(code), message, hint === null ? {} : { hint });
  }
  if (ledger.applied?.at !== before.applied?.at || ledger.applied === null) return ledger;
  throw new LandfallError('DEPLOY_NOT_FOUND', `who serves the store has no deploy ${wish.deploy} for it`, {
    hint: 'Add it to the documents of serve, or see its log.',
  });
}

interface Place {
  readonly post: (asked: RequestedReplay, options: CallOptions) => Promise<unknown>;
  readonly origin: ReturnType<typeof storeOrigin>;
  readonly everyMs: number;
}

const servedPlace = (wish: Wish, store: OpenedStore, root: string): Place => ({
  post: () => postRequest(root, wish),
  origin: storeOrigin(store),
  everyMs: store.kind === 's3' ? DEPLOYED_EVERY_MS : EVERY_MS,
});

function deployedBucket(store: BucketStore, { queue, file }: ReplayOptions): Place {
  const { location } = store;
  if (queue === undefined || file.length > 0) {
    const why = file.length > 0 ? 'its own documents, not those of -f' : 'whose deploys have a queue each';
    throw new LandfallError('USAGE', `s3://${location.bucket} is served by a deployed Landfall with ${why}`, {
      hint: 'Give the queue of the deploy with --queue URL, and leave -f out.',
    });
  }
  return {
    post: ({ event }, given) => postEvent(queue, event, store, given),
    origin: storeOrigin(store),
    everyMs: DEPLOYED_EVERY_MS,
  };
}

function placeOf(wish: Wish, store: OpenedStore, served: string | undefined, options: ReplayOptions): Place {
  if (store.kind === 'directory') return servedPlace(wish, store, store.root);
  return served === undefined ? deployedBucket(store, options) : servedPlace(wish, store, served);
}

/** Looks at what is under way until it has ended. @throws the signal's reason */
async function untilEnded(look: () => Promise<DeployOutcome>, signal: AbortSignal): Promise<DeployOutcome> {
  for (;;) {
    const outcome = await look();
    if (outcome.outcome !== 'running') return outcome;
    await systemClock.sleep(outcome.waitMs, signal);
  }
}

/** Runs the deploy in this process, once. @throws LandfallError what it failed with */
async function replayHere(
  wish: Wish,
  entry: DeployEntry | undefined,
  store: FolderStore,
  signal: AbortSignal,
): Promise<Ledger> {
  if (entry === undefined) {
    throw new LandfallError('USAGE', `no serve runs on ${store.root}, so the deploy's document is needed`, {
      hint: 'Add -f sources.yaml, or start: landfall serve -f sources.yaml',
    });
  }
  const origin = storeOrigin(store);
  const { event } = await requestReplay(wish, { store, clock: systemClock, origin, signal });
  const bus = new EventLog(store.root);
  try {
    const deployer = deployerOf(deployKinds(), entry);
    const deps = deployDeps({
      store,
      bus,
      origin,
      clock: systemClock,
      secrets: machineSecrets(),
      locationOf: directoryLocationOf(store.root),
    });
    const outcome = await untilEnded(() => deploy({ deploy: entry, deployer, event, signal }, deps), signal);
    if (outcome.outcome === 'failed') throw outcome.error;
    if (outcome.outcome === 'waiting') throw waits(entry.name, outcome.message);
    if (outcome.outcome === 'busy') {
      throw new LandfallError('DEPLOY_UNAVAILABLE', `deploy ${entry.name} is being run by another process`, {
        retryAfterMs: outcome.waitMs,
        hint: 'Run it again when that one has ended.',
      });
    }
  } finally {
    await bus.close();
  }
  return (await readLedger(store.objects, wish.deploy, wish)).ledger;
}

async function replay(wish: Wish, options: ReplayOptions, interrupted: AbortSignal): Promise<Ledger> {
  await using store = await openExistingStore(options);
  const served = await servedHere(store, options.queue);
  const place = placeOf(wish, store, served, options);
  const { file } = options;
  const entries = file.length === 0 ? [] : await namedDeploys(wish.deploy, file, interrupted);
  const entry = await requireDeploy(wish.deploy, wish, { objects: store.objects, entries });
  const signal = deadline(interrupted, options.timeout, `deploy ${wish.deploy}`, {
    code: 'DEPLOY_UNAVAILABLE',
    hint: `See: landfall get deploys --json; the wish stays until it is answered.`,
  });
  if (served === undefined && store.kind === 'directory') return await replayHere(wish, entry, store, signal);
  const { origin, post, everyMs } = place;
  const asked = await requestReplay(wish, { store, clock: systemClock, origin, signal });
  await post(asked, { signal });
  if (options.wait === true) return await answerTo(wish, asked, { store, everyMs, signal });
  return (await readLedger(store.objects, wish.deploy, wish)).ledger;
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Has one deploy apply the current revision of a source again.')
    .requiredOption('--deploy <name>', 'the deploy')
    .option(
      '-f, --file <path>',
      'source document or folder, where nobody serves; repeatable',
      (path, before: string[]) => [...before, path],
      [],
    )
    .option('--queue <url>', 'the queue of the deploy, for --store s3://…')
    .option('--wait', 'wait until it has been run, and exit 1 if that failed')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .option('--json', 'print the ledger of the deploy')
    .addHelpText('after', HELP);
  addStoreOption(command).action((text: string, options: ReplayOptions) =>
    run(options, async (interrupted) => {
      const wish = { ...parseSourceId(text), deploy: options.deploy, token: crypto.randomUUID() };
      const ledger = await replay(wish, options, interrupted);
      const { formatVersion, outbox, ...shown } = ledger;
      if (options.json === true) return writeJson(terminal.stdout, shown);
      const { applied } = ledger;
      const what =
        ledger.replay?.token === wish.token || applied === null
          ? 'asked for'
          : `applied ${applied.revision}, generation ${applied.generation}`;
      writeLine(terminal.stdout, `${options.deploy} of ${formatSourceId(wish)}: ${what}`);
    }),
  );
}
