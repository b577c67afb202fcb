import type { Command } from 'commander';
import type { OpenedStore } from '../../local/store/open-store.ts';
import type { CommandContext } from '../command.ts';
import { listArtifacts } from '../lists/artifacts.ts';
import { addEventsCommand } from '../lists/get-events.ts';
import type { Listing, ListingFailure, ListingOptions } from '../lists/listing.ts';
import { listSourcesOf } from '../lists/sources.ts';
import { listDeploys } from '../lists/watched-deploys.ts';
import { addNamespaceOption, type NamespaceOptions, namespaceOf } from '../options/namespace-option.ts';
import {
  addOutputOptions,
  type FormatOptions,
  writeTable,
  wroteDocument,
} from '../options/output-options.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { type Terminal, writeLine, writeMessage } from '../terminal/terminal.ts';

interface GetOptions extends StoreOptions, FormatOptions, NamespaceOptions {}

type List = (store: OpenedStore, options: ListingOptions) => Promise<Listing>;

const LISTS = {
  sources: { what: 'every source that is or was watched, and how it stands', list: listSourcesOf },
  deploys: { what: 'what each deploy has applied, and how it stands', list: listDeploys },
  artifacts: { what: 'every committed artifact', list: listArtifacts },
} as const satisfies Readonly<Record<string, { readonly what: string; readonly list: List }>>;

const documentsOf = ({ items }: Listing) => items.map(({ document }) => document);

function writeNotes(listings: readonly Listing[], { stderr }: Terminal): void {
  const notes = new Set(listings.flatMap((each) => each.notes ?? []));
  for (const note of notes) writeLine(stderr, `note: ${note}`);
  const failures: readonly ListingFailure[] = listings.flatMap(({ unreadable, failures: told }) => [
    ...unreadable,
    ...(told ?? []),
  ]);
  for (const { code, message, hint } of failures) {
    writeMessage(stderr, `note: ${code}: ${message}`);
    if (hint !== undefined) writeLine(stderr, `  next: ${hint}`);
  }
}

/** A table of nothing looks like a mistake: of a namespace that is mistyped it is one. */
function writeRows(
  name: string,
  { columns, items, unreadable }: Listing,
  { output, ...options }: FormatOptions & NamespaceOptions,
  { stdout, stderr }: Terminal,
): void {
  if (output === 'name') for (const item of items) writeLine(stdout, item.name);
  else writeTable({ columns, rows: items.map(({ row }) => row) }, stdout, { wide: output === 'wide' });
  if (items.length > 0 || unreadable.length > 0) return;
  const namespace = namespaceOf(options);
  writeLine(stderr, `note: no ${name} ${namespace === undefined ? 'yet' : `in namespace ${namespace}`}`);
}

function addList(get: Command, name: keyof typeof LISTS, { terminal, run }: CommandContext): void {
  const { what, list } = LISTS[name];
  const command = get.command(name).description(what);
  command.addHelpText(
    'after',
    `\nExamples:\n  landfall get ${name} --store ./store\n  landfall get ${name} -o wide`,
  );
  addStoreOption(addOutputOptions(command, 'print an array'));
  if (name !== 'artifacts') addNamespaceOption(command);
  command.action((options: GetOptions) =>
    run(options, async (signal) => {
      const namespace = namespaceOf(options);
      await using store = await openExistingStore(options);
      const listing = await list(store, { namespace, signal });
      if (!(await wroteDocument(documentsOf(listing), options, terminal)))
        writeRows(name, listing, options, terminal);
      writeNotes([listing], terminal);
    }),
  );
}

/** Sources, deploys and artifacts; of one namespace without artifacts, which are of none. */
function addAll(get: Command, { terminal, run }: CommandContext): void {
  const command = get.command('all').description('sources, deploys and artifacts');
  command.addHelpText('after', '\nExample:\n  landfall get all --store ./store');
  addNamespaceOption(addStoreOption(addOutputOptions(command, 'print {sources, deploys, artifacts}')));
  command.action((options: GetOptions) =>
    run(options, async (signal) => {
      const namespace = namespaceOf(options);
      await using store = await openExistingStore(options);
      const asked = Object.entries(LISTS).filter(([name]) => namespace === undefined || name !== 'artifacts');
      const listings: (readonly [string, Listing])[] = [];
      for (const [name, { list }] of asked) listings.push([name, await list(store, { namespace, signal })]);
      const document = Object.fromEntries(listings.map(([name, listing]) => [name, documentsOf(listing)]));
      if (!(await wroteDocument(document, options, terminal)))
        for (const [at, [name, listing]] of listings.entries()) {
          if (options.output === 'name')
            for (const item of listing.items) writeLine(terminal.stdout, `${name}/${item.name}`);
          else {
            if (at > 0) writeLine(terminal.stdout, '');
            writeRows(name, listing, options, terminal);
          }
        }
      writeNotes(
        listings.map(([, listing]) => listing),
        terminal,
      );
    }),
  );
}

export function define(get: Command, context: CommandContext): void {
  get.description('Lists what a store holds.');
  for (const name of ['sources', 'artifacts', 'deploys'] as const) addList(get, name, context);
  addAll(get, context);
  addEventsCommand(get.command('events'), 'get events', context);
}
