import type { Command } from 'commander';
import { localOrigin } from '../../local/local-origin.ts';
import type { BucketStore, FolderStore } from '../../local/open-store.ts';
import { postRequest } from '../../local/request-inbox.ts';
import { systemClock } from '../../shared/clock.ts';
import { LOCAL_ORIGIN } from '../../shared/event/compose.ts';
import { EventLog } from '../../shared/event/event-log.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { Revision } from '../../shared/model/status.ts';
import { type RollbackInput, rollback } from '../../shared/reconcile/rollback.ts';
import { isServing } from '../../shared/store/directory/serve-lock.ts';
import type { CommandContext } from '../command.ts';
import { addStoreCommand, parseSourceId, type StoreOptions } from '../options/store-options.ts';
import { writeLine } from '../terminal/terminal.ts';

interface RollbackOptions extends StoreOptions {
  readonly to: string;
}

const HELP = `
The earlier revision becomes current as a new generation, with an event like any other, and the source is suspended
so that the next poll does not undo it. Nothing is fetched. landfall resume follows the registry again.

Example:
  landfall history web/site
  landfall rollback web/site --to 1.4.2`;

async function rollBackHere(
  input: RollbackInput,
  store: FolderStore,
  signal: AbortSignal,
): Promise<Revision> {
  const isServed = await isServing(store.root);
  const log = new EventLog(store.root);
  try {
    const bus = isServed ? undefined : log;
    const origin = localOrigin(store.root);
    const revision = await rollback(input, { store, bus, clock: systemClock, origin, signal });
    if (isServed) await postRequest(store.root, input);
    return revision;
  } finally {
    await log.close();
  }
}

/** Only the deployed emitter may put events on the bus: the outbox is sent by its next reconcile of the source. */
function rollBackDeployed(input: RollbackInput, store: BucketStore, signal: AbortSignal): Promise<Revision> {
  const { region, location } = store;
  // EventBridge puts the account in itself.
  const origin = { ...LOCAL_ORIGIN, region, bucket: location.bucket };
  return rollback(input, { store, bus: undefined, clock: systemClock, origin, signal });
}

export function define(command: Command, context: CommandContext): void {
  command
    .description('Makes a revision of the history current again and suspends the source.')
    .requiredOption(
      '--to <revision>',
      'a tag, a digest, the start of its hex, or <tag>@<digest> of the history',
    )
    .addHelpText('after', HELP);
  addStoreCommand<RollbackOptions, Revision>(command, context, {
    json: 'print the revision that is current now',
    work: (store, { argument, options, signal }) => {
      const input = { ...parseSourceId(argument), to: options.to };
      return store.kind === 's3'
        ? rollBackDeployed(input, store, signal)
        : rollBackHere(input, store, signal);
    },
    write: ({ revision, generation }, { stdout, stderr }, argument) => {
      const name = formatSourceId(parseSourceId(argument));
      writeLine(stdout, `${name} is at ${revision}, generation ${generation}, and suspended`);
      writeLine(stderr, `follow the registry again with: landfall resume ${name}`);
    },
  });
}
