import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { S3Location } from '../../shared/aws/s3/location.ts';
import { isServing } from '../../shared/store/directory/serve-lock.ts';
import type { OpenedStore } from './open-store.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where a `serve` on a bucket has what is this machine's and not the store's: its lock, the log of its events, requests of
 * people, and when it last looked. Absolute. `$LANDFALL_STATE`, else as
 * https://specifications.freedesktop.org/basedir-spec/latest/ has it, and below that one for each bucket and prefix.
 */
export function stateFolderOf({ bucket, prefix }: S3Location, env: Environment = process.env): string {
  // An empty variable counts as unset.
  const base =
    env['LANDFALL_STATE'] ||
    join(env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state'), 'landfall');
  // Neither a bucket nor a prefix has a plus.
  return resolve(base, [bucket, ...prefix.split('/')].filter((part) => part !== '').join('+'));
}

/** Where a `serve` of this machine on a store has what is not in it, whether or not one runs. Of a store in a folder that. */
export const machineFolderOf = (store: OpenedStore): string =>
  store.kind === 'directory' ? store.root : stateFolderOf(store.location);

/**
 * The folder of the `serve` that follows a store on this machine now: where it takes requests. undefined: none does, or
 * somebody else is asked.
 * @param queue of a deployed Landfall: whoever names it asks that one
 */
export async function servedHere(store: OpenedStore, queue?: string): Promise<string | undefined> {
  if (store.kind === 's3' && queue !== undefined) return undefined;
  const root = machineFolderOf(store);
  return (await isServing(root)) ? root : undefined;
}
