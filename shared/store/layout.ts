import { type ArtifactId, isDeployName, isName, isSourceName, type SourceId } from '../model/ids.ts';
import { algorithmOf, hexOf, isDigest } from '../oci/digest.ts';

/** The only place that makes keys. All of it is pure. */
export const artifactPrefix = ({ digest, variant }: ArtifactId): string =>
  `artifacts/${algorithmOf(digest)}/${hexOf(digest)}/${variant}/`;
export const recordKey = (id: ArtifactId): string => `${artifactPrefix(id)}artifact.json`;
export const filesPrefix = (id: ArtifactId): string => `${artifactPrefix(id)}files/`;
export const fileKey = (id: ArtifactId, path: string): string => `${filesPrefix(id)}${path}`;

export const statusKey = ({ namespace, name }: SourceId): string =>
  `sources/${namespace}/${name}/status.json`;
export const SOURCES_PREFIX = 'sources/';
/** What damaged statuses and ledgers may name: see held-artifacts.ts. */
export const HELD_KEY = 'sources/held.json';
export const ARTIFACTS_PREFIX = 'artifacts/';
export const DEPLOYS_PREFIX = 'deploys/';
export const ledgerKey = (deploy: string, { namespace, name }: SourceId): string =>
  `deploys/${deploy}/${namespace}/${name}.json`;
export const SITES_PREFIX = 'sites/';
/** What a deploy of a site has put into its bucket, file by file. */
export const siteKey = (deploy: string, { namespace, name }: SourceId): string =>
  `sites/${deploy}/${namespace}/${name}.json`;

/** What an entry of `notify` has told, and has still to tell. */
export const NOTIFY_PREFIX = 'notify/';
export const notifyKey = (entry: string): string => `${NOTIFY_PREFIX}${entry}.json`;

/** Trusted roots that were refreshed by TUF: a cache, which may go at any time. */
export const TRUST_PREFIX = 'trust/';
export const trustedRootKey = (name: string): string => `${TRUST_PREFIX}${name}.json`;

export const RUNS_PREFIX = 'runs/';
/** The last runs of a deploy, with their logs: for people, and read by nothing else. */
export const runsKey = (deploy: string, { namespace, name }: SourceId): string =>
  `runs/${deploy}/${namespace}/${name}.json`;

/** What people put: documents as they wrote them. */
export const DOCUMENTS_PREFIX = 'config/documents/';
export const documentKey = (path: string): string => `${DOCUMENTS_PREFIX}${path}`;
/** The configuration in force, made from the documents by `reconcile`; and the part that receive and poll read. */
export const CONFIGURATION_KEY = 'config/configuration.json';
export const TRIGGERS_KEY = 'config/triggers.json';
/** What a sweep knew of its statuses: a cache, which may go at any time. */
export const sweepKey = (name: string): string => `sweeps/${name}.json`;
/** Another one each time a status was written. */
export const MARK_KEY = sweepKey('mark');

/** The format marker of a whole store. */
export const VERSION_KEY = 'landfall.json';

/** Whether a key is one that a store may have. */
export const isStoreKey = (key: string): boolean =>
  key === VERSION_KEY || /^(?:artifacts|sources|deploys|runs|notify|trust|config|sweeps|locks)\//.test(key);

const RECORD_KEY = /^artifacts\/(sha256|sha512)\/([0-9a-f]+)\/([a-z0-9-]+)\/artifact\.json$/;
const STATUS_KEY = /^sources\/([^/]+)\/([^/]+)\/status\.json$/;

/** The other way round; undefined for any other key. */
export function parseRecordKey(key: string): ArtifactId | undefined {
  const [, algorithm, hex, variant] = RECORD_KEY.exec(key) ?? [];
  const digest = `${algorithm}:${hex}`;
  return variant === undefined || !isDigest(digest) ? undefined : { digest, variant };
}

/** The other way round; undefined for any other key. */
export function parseStatusKey(key: string): SourceId | undefined {
  const [, namespace = '', name = ''] = STATUS_KEY.exec(key) ?? [];
  return isName(namespace) && isSourceName(name) ? { namespace, name } : undefined;
}

const LEDGER_KEY = /^(?:deploys|sites)\/([^/]+)\/([^/]+)\/([^/]+)\.json$/;

/** Of the ledger of a deploy, and of a site's list of files. The other way round; undefined for any other key. */
export function parseLedgerKey(key: string): (SourceId & { readonly deploy: string }) | undefined {
  const [, deploy = '', namespace = '', name = ''] = LEDGER_KEY.exec(key) ?? [];
  return isDeployName(deploy) && isName(namespace) && isSourceName(name)
    ? { deploy, namespace, name }
    : undefined;
}

const NOTIFY_KEY = /^notify\/([^/]+)\.json$/;

/** The other way round; undefined for any other key. */
export function parseNotifyKey(key: string): string | undefined {
  const [, entry = ''] = NOTIFY_KEY.exec(key) ?? [];
  return isDeployName(entry) ? entry : undefined;
}
