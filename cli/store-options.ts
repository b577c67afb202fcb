import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { LandfallError } from '../shared/errors.ts';
import { type DirectoryStore, openDirectoryStore } from '../shared/store/directory-store.ts';
import type { SourceId } from '../shared/store/layout.ts';

export interface StoreOptions {
  readonly store: string;
}

export const addStoreOption = (command: Command): Command =>
  command.option('--store <dir>', 'the folder of the store', process.env['LANDFALL_STORE'] ?? '.landfall');

/** Opens a store that is there: a mistyped --store must not look like an empty one. @throws LandfallError USAGE */
export async function openExistingStore({ store }: StoreOptions): Promise<DirectoryStore> {
  const root = resolve(store);
  if (!existsSync(root)) {
    throw new LandfallError('USAGE', `store ${root} is not there`, {
      hint: 'Name the folder that serve uses with --store, or set LANDFALL_STORE.',
    });
  }
  return openDirectoryStore(root);
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Parses `name` or `namespace/name`. @throws LandfallError USAGE */
export function parseSourceId(text: string): SourceId {
  const parts = text.split('/');
  const [namespace = '', name = ''] = parts.length === 1 ? ['default', text] : parts;
  if (parts.length > 2 || !NAME.test(namespace) || !NAME.test(name)) {
    throw new LandfallError(
      'USAGE',
      `${JSON.stringify(text)} is not a source: wanted name or namespace/name`,
      {
        hint: 'List them with: landfall get sources',
      },
    );
  }
  return { namespace, name };
}
