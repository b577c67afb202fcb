import type { Command } from 'commander';
import { type OpenedStore, openStore } from '../../local/store/open-store.ts';

export interface StoreOptions {
  readonly store: string;
}

const WHERE = 'the folder of the store, or s3://BUCKET[/PREFIX]';

/** `description`: of a command that works on one of them alone. */
export const addStoreOption = (command: Command, description = WHERE): Command =>
  command.option(
    '--store <where>',
    description,
    // An empty variable counts as unset.
    process.env['LANDFALL_STORE'] || '.landfall',
  );

/** Opens a store that is there: a mistyped --store must not look like an empty one. @throws what openStore throws */
export const openExistingStore = ({ store }: StoreOptions): Promise<OpenedStore> => openStore(store);
