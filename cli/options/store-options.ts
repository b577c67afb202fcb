import type { Command } from 'commander';
import { type OpenedStore, openStore } from '../../local/open-store.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import { shownUrl } from '../../shared/shown-url.ts';

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
