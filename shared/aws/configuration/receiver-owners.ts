import type { Placed } from '../../source/fragment.ts';
import { formatPlace, type Problem } from '../../source/problem.ts';
import type { ReceiverEntry } from '../../source/receiver-entry.ts';
import type { CompiledFile } from './compiled.ts';

type Files = Readonly<Record<string, CompiledFile>>;

/**
 * Which file a receiver's name belongs to: the one it was in force from, else the first that takes it. Two of one name
 * and secret would share a path, and the later one would get the other's webhooks.
 */
export function receiverOwners(files: Files, before: Files): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  const has = (file: string, name: string): boolean =>
    files[file]?.receivers.some((receiver) => receiver.name === name) === true;
  const earlier = Object.entries(before).flatMap(([file, { receivers }]) =>
    receivers.flatMap(({ name }) => (has(file, name) ? [[name, file] as const] : [])),
  );
  const now = Object.entries(files).flatMap(([file, { receivers }]) =>
    receivers.map(({ name }) => [name, file] as const),
  );
  for (const [name, file] of [...earlier, ...now]) if (!owners.has(name)) owners.set(name, file);
  return owners;
}

/** The receivers of a file whose names are its own, each name once. */
export const ownReceivers = (
  file: string,
  receivers: readonly ReceiverEntry[],
  owners: ReadonlyMap<string, string>,
): readonly ReceiverEntry[] =>
  receivers.filter(
    ({ name }, at) =>
      owners.get(name) === file && receivers.findIndex((receiver) => receiver.name === name) === at,
  );

/** Those that are not in force because another has their name, told where they stand. */
export function receiverProblems(
  placed: readonly Placed<ReceiverEntry>[],
  owners: ReadonlyMap<string, string>,
): readonly Problem[] {
  const first = new Map<string, Placed<ReceiverEntry>>();
  for (const each of placed) {
    const { name } = each.entry;
    if (each.place.file === owners.get(name) && !first.has(name)) first.set(name, each);
  }
  return placed.flatMap((each): readonly Problem[] => {
    const { name } = each.entry;
    const owner = first.get(name);
    if (owner === each) return [];
    const where = owner === undefined ? owners.get(name) : formatPlace(owner.place);
    const message = `receiver ${name} is already defined at ${where}`;
    return [{ ...each.place, path: each.path, message, code: 'CONFIG_INVALID' }];
  });
}
