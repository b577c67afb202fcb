import { isForSource } from '../../shared/deploy/wanted.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { nearest } from '../../shared/source/nearest.ts';
import { DEPLOYS_PREFIX, ledgerKey, parseLedgerKey } from '../../shared/store/layout.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import { requireStatus } from '../../shared/store/status-store.ts';

/** The deploys that have a ledger for this source: those that were run for it. */
async function namesInStore(id: SourceId, objects: ObjectStore): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const key of objects.list(DEPLOYS_PREFIX)) {
    const deploy = parseLedgerKey(key)?.deploy;
    if (deploy !== undefined && key === ledgerKey(deploy, id)) names.push(deploy);
  }
  return names;
}

export interface KnownDeploys {
  readonly objects: ObjectStore;
  /** Of the documents given; empty: none were. */
  readonly entries: readonly DeployEntry[];
}

/**
 * The deploy's entry in the documents, where they were given; without them it is enough that it was run before.
 * @throws LandfallError DEPLOY_NOT_FOUND naming those that are there, SOURCE_NOT_FOUND
 */
export async function requireDeploy(
  name: string,
  id: SourceId,
  { objects, entries }: KnownDeploys,
): Promise<DeployEntry | undefined> {
  const ours = entries.filter((entry) => isForSource(entry, id));
  const entry = ours.find((each) => each.name === name);
  if (entry !== undefined) return entry;
  const names = entries.length > 0 ? ours.map((each) => each.name) : await namesInStore(id, objects);
  if (entries.length === 0 && names.includes(name)) return undefined;
  if (names.length === 0 && entries.length === 0) await requireStatus(objects, id);
  const meant = nearest(name, names);
  const elsewhere = entries.find((each) => each.name === name);
  const why =
    elsewhere === undefined
      ? `there is no deploy ${JSON.stringify(name)}`
      : `deploy ${name} is for ${elsewhere.source}, not`;
  const there = names.length === 0 ? '' : `; there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
  const of = elsewhere === undefined ? 'of ' : '';
  throw new LandfallError('DEPLOY_NOT_FOUND', `${why} ${of}${formatSourceId(id)}${there}`, {
    ...(meant !== undefined && { hint: `Did you mean --deploy ${meant}?` }),
    ...(meant === undefined &&
      entries.length === 0 && {
        hint: 'See: landfall get deploys; with -f one can be named that has not been run yet.',
      }),
  });
}
