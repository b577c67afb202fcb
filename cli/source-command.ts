import type { Command } from 'commander';
import type { OpenedStore } from '../local/store/open-store.ts';
import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import type { CommandContext } from './command.ts';
import { watchedOf } from './lists/watched.ts';
import { addNamespaceOption, type NamespaceOptions, namespaceOf } from './options/namespace-option.ts';
import {
  addOutputOptions,
  type FormatOptions,
  OF_DOCUMENTS,
  wroteDocument,
} from './options/output-options.ts';
import { parseSourceId } from './options/source-id.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from './options/store-options.ts';
import { type Terminal, writeLine } from './terminal/terminal.ts';

interface SourceCommand<Options, Result> {
  /** What --json prints. */
  readonly json: string;
  readonly work: (
    store: OpenedStore,
    given: { readonly source: SourceId; readonly options: Options; readonly signal: AbortSignal },
  ) => Promise<Result>;
  /** In words, where nobody asks for JSON. */
  readonly write: (result: Result, terminal: Terminal, source: string) => void;
}

/** A command that does something with one source of a store, and says what came of it. */
export function addSourceCommand<Options extends StoreOptions, Result>(
  command: Command,
  { terminal, run }: CommandContext,
  { json, work, write }: SourceCommand<Options, Result>,
): void {
  addNamespaceOption(addStoreOption(addOutputOptions(command, json, OF_DOCUMENTS)));
  command.action((text: string, options: Options & FormatOptions & NamespaceOptions) =>
    run(options, async (signal) => {
      const source = parseSourceId(text, namespaceOf(options));
      await using store = await openExistingStore(options);
      const result = await work(store, { source, options, signal });
      if (!(await wroteDocument(result, options, terminal))) write(result, terminal, formatSourceId(source));
      // What was asked for is kept, and nothing comes of it until somebody serves. A bucket is another's to watch.
      const watched = store.kind === 's3' ? undefined : await watchedOf(store, { signal });
      if (watched?.death !== undefined) writeLine(terminal.stderr, `note: ${watched.death}`);
    }),
  );
}
