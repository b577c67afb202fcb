import type { Command } from 'commander';
import { type OpenedStore, openStore } from '../../local/open-store.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import { shownUrl } from '../../shared/shown-url.ts';
import type { CommandContext } from '../command.ts';
import { type Terminal, writeJson } from '../terminal/terminal.ts';

export interface StoreOptions {
  readonly store: string;
}

export const addStoreOption = (command: Command): Command =>
  command.option(
    '--store <where>',
    'the folder of the store, or s3://BUCKET[/PREFIX] of a deployed one',
    // An empty variable counts as unset.
    process.env['LANDFALL_STORE'] || '.landfall',
  );

/** Opens a store that is there: a mistyped --store must not look like an empty one. @throws what openStore throws */
export const openExistingStore = ({ store }: StoreOptions): Promise<OpenedStore> => openStore(store);

interface StoreCommand<Options, Result> {
  /** What --json prints. */
  readonly json: string;
  readonly work: (
    store: OpenedStore,
    given: { readonly argument: string; readonly options: Options; readonly signal: AbortSignal },
  ) => Promise<Result>;
  /** In words, where nobody asks for JSON. */
  readonly write: (result: Result, terminal: Terminal, argument: string) => void;
}

/** A command that says what came of its argument in a store. */
export function addStoreCommand<Options extends StoreOptions, Result>(
  command: Command,
  { terminal, run }: CommandContext,
  { json, work, write }: StoreCommand<Options, Result>,
): void {
  const withOptions = addStoreOption(command.option('--json', json));
  withOptions.action((argument: string, options: Options & { readonly json?: boolean }) =>
    run(options, async (signal) => {
      await using store = await openExistingStore(options);
      const result = await work(store, { argument, options, signal });
      if (options.json === true) writeJson(terminal.stdout, result);
      else write(result, terminal, argument);
    }),
  );
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Parses `name` or `namespace/name`. @throws LandfallError USAGE */
export function parseSourceId(text: string): SourceId {
  const parts = text.split('/');
  const [namespace = '', name = ''] = parts.length === 1 ? ['default', text] : parts;
  if (parts.length > 2 || !NAME.test(namespace) || !NAME.test(name)) {
    throw new LandfallError(
      'USAGE',
      `${JSON.stringify(shownUrl(text))} is not a source: wanted name or namespace/name`,
      {
        hint: 'List them with: landfall get sources',
      },
    );
  }
  return { namespace, name };
}
