import { isDeployName, isName, isSourceName } from '../model/ids.ts';
import {
  ARTIFACTS_PREFIX,
  DEPLOYS_PREFIX,
  HELD_KEY,
  NOTIFY_PREFIX,
  parseLedgerKey,
  parseNotifyKey,
  parseRecordKey,
  parseStatusKey,
  RUNS_PREFIX,
  SITES_PREFIX,
  SOURCES_PREFIX,
} from './layout.ts';
import type { ObjectStore } from './object-store.ts';

type IsOurs = (key: string) => boolean;

const ofDeploy: IsOurs = (key) =>
  parseLedgerKey(key.startsWith(RUNS_PREFIX) ? `${DEPLOYS_PREFIX}${key.slice(RUNS_PREFIX.length)}` : key) !==
  undefined;

const ARTIFACT = /^(artifacts\/[^/]+\/[^/]+\/[^/]+\/)(?:artifact\.json$|files\/)/;
const ofArtifact: IsOurs = (key) => {
  const [, folder = ''] = ARTIFACT.exec(key) ?? [];
  return parseRecordKey(`${folder}artifact.json`) !== undefined;
};

/** Where all keys are of a shape that Landfall makes, and whether one is. */
const OURS: readonly (readonly [prefix: string, isOurs: IsOurs])[] = [
  [ARTIFACTS_PREFIX, ofArtifact],
  [DEPLOYS_PREFIX, ofDeploy],
  [NOTIFY_PREFIX, (key) => parseNotifyKey(key) !== undefined],
  [RUNS_PREFIX, ofDeploy],
  [SITES_PREFIX, ofDeploy],
  [SOURCES_PREFIX, (key) => key === HELD_KEY || parseStatusKey(key) !== undefined],
];

/** Whether a key stands among ours and can be none: what people, editors and systems leave in folders. */
export const isForeignKey = (key: string): boolean =>
  OURS.some(([prefix, isOurs]) => key.startsWith(prefix) && !isOurs(key));

/** Every key that is passed over. */
export async function* foreignKeys(
  objects: Pick<ObjectStore, 'list'>,
  options: Parameters<ObjectStore['list']>[1],
): AsyncGenerator<string, void, undefined> {
  for (const [prefix] of OURS)
    for await (const key of objects.list(prefix, options)) if (isForeignKey(key)) yield key;
}

type IsFolder = (name: string) => boolean;

const OF_DEPLOYS: readonly IsFolder[] = [isDeployName, isName];
/** What folders are called below each of ours, from the top. */
const FOLDERS: ReadonlyMap<string, readonly IsFolder[]> = new Map([
  ['artifacts', [(name) => name === 'sha256' || name === 'sha512', (name) => /^[0-9a-f]+$/.test(name)]],
  ['deploys', OF_DEPLOYS],
  ['runs', OF_DEPLOYS],
  ['sites', OF_DEPLOYS],
  ['sources', [isName, isSourceName]],
]);

/** Whether no key of ours can be in a folder: lost+found among the sources. It ends in `/`. */
export function isForeignFolder(folder: string): boolean {
  const [top = '', ...names] = folder.split('/').slice(0, -1);
  const wanted = FOLDERS.get(top) ?? [];
  return names.some((name, at) => wanted[at]?.(name) === false);
}
