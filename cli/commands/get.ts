import type { Command } from 'commander';
import type { OpenedStore } from '../../local/open-store.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import type { CommandContext } from '../command.ts';
import { addEventOptions } from '../event-options.ts';
import { type EventsOptions, showEvents } from '../get-events.ts';
import { type Listing, listArtifacts } from '../listings.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../store-options.ts';
import { formatTable } from '../terminal/table.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';
import { listWatchedDeploys } from '../watched-deploys.ts';
import { listWatchedSources } from '../watched-sources.ts';

interface GetOptions extends StoreOptions {
  readonly json?: boolean;
}

const EVENTS_HELP = `
Events are EventBridge envelopes, oldest first; they can be read while serve runs. With --follow --json one a line.
Of a deployed system they are those of the revisions that its bucket still has; all others are on its bus alone.

Examples:
  landfall get events --store ./store --json
  landfall get events --store ./store --since 2h --type deploy-failed
  landfall get events --store ./store -n 20
  landfall get events --store ./store --follow --source web/site
  landfall get events --store s3://my-landfall-store --source web/site`;

function show(listing: Listing, options: GetOptions, { stdout, stderr }: Terminal): void {
  if (options.json === true) writeJson(stdout, listing.documents);
  else writeLine(stdout, formatTable(listing.head, listing.rows));
  for (const note of listing.notes ?? []) writeLine(stderr, `note: ${note}`);
  for (const { code, message, hint } of [...listing.unreadable, ...(listing.failures ?? [])]) {
    writeLine(stderr, `note: ${code}: ${message}`);
    if (hint !== undefined) writeLine(stderr, `  next: ${hint}`);
  }
}

export function add(program: Command, { terminal, run }: CommandContext): void {
  const get = program
    .command('get')
    .summary('list sources, artifacts, events or deploys of a store')
    .description('Lists what a store holds.');
  const list = (
    name: string,
    what: string,
    read: (store: OpenedStore, options: CallOptions) => Promise<Listing>,
  ): void => {
    const command = get
      .command(name)
      .description(what)
      .option('--json', 'print an array')
      .addHelpText('after', `\nExample:\n  landfall get ${name} --store ./store`);
    addStoreOption(command).action((options: GetOptions) =>
      run(options, async (signal) => {
        await using store = await openExistingStore(options);
        show(await read(store, { signal }), options, terminal);
      }),
    );
  };
  list('sources', 'every source that is or was watched, and how it stands', listWatchedSources);
  list('artifacts', 'every committed artifact', listArtifacts);
  list('deploys', 'what each deploy has applied, and how it stands', listWatchedDeploys);
  const events = get
    .command('events')
    .description('the events, oldest first')
    .option('--follow', 'go on as they come')
    .option('--json', 'print an array of EventBridge envelopes')
    .addHelpText('after', EVENTS_HELP);
  addStoreOption(addEventOptions(events)).action((options: EventsOptions) =>
    run(options, (signal) => showEvents(options, terminal, signal)),
  );
}
