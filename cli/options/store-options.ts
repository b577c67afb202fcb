import type { Command } from 'commander';
import { type OpenedStore, openStore } from '../../local/open-store.ts';

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
