import type { CallOptions } from '../kernel/call-options.ts';
import type { ArtifactId, SourceId } from '../model/ids.ts';
import type { Status } from '../model/status.ts';
import { type Digest, parseDigest } from '../oci/digest.ts';
import { artifactPrefix, DEPLOYS_PREFIX } from './layout.ts';
import type { ObjectStore } from './object-store.ts';
import { listSources, readStatus } from './status-store.ts';

const DIGESTS = /sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}/g;

/** What must stay: artifacts that a status names, and every variant of the digests that events and ledgers name. */
export interface References {
  readonly artifacts: ReadonlySet<string>;
  readonly digests: ReadonlySet<Digest>;
}

const digestsIn = (text: string): readonly Digest[] => (text.match(DIGESTS) ?? []).map(parseDigest);

export const revisionsOf = ({ current, history }: Status): readonly ArtifactId[] =>
  current === null ? history : [current, ...history];

/**
 * Reads every status and ledger. A ledger counts as text: a directory deploy's link points into the artifact it
 * names, and what its other fields mean is not the store's business.
 * @throws LandfallError STORE_CORRUPT, STORE_VERSION: who cannot read a status must not decide what it names
 * @param isForgotten statuses that are as good as gone
 */
export async function readReferences(
  objects: ObjectStore,
  {
    isForgotten = () => false,
    signal,
  }: CallOptions & { readonly isForgotten?: (id: SourceId) => boolean } = {},
): Promise<References> {
  const artifacts = new Set<string>();
  const digests = new Set<Digest>();
  for await (const id of listSources(objects, { signal })) {
    if (isForgotten(id)) continue;
    const stored = await readStatus(objects, id, { signal });
    if (stored === undefined) continue;
    for (const revision of revisionsOf(stored.status)) artifacts.add(artifactPrefix(revision));
    for (const digest of digestsIn(JSON.stringify(stored.status.outbox))) digests.add(digest);
  }
  for await (const key of objects.list(DEPLOYS_PREFIX, { signal })) {
    const ledger = await objects.get(key, { signal });
    for (const digest of digestsIn(Buffer.from(ledger?.bytes ?? []).toString('utf8'))) digests.add(digest);
  }
  return { artifacts, digests };
}

export const isReferenced = (id: ArtifactId, { artifacts, digests }: References): boolean =>
  artifacts.has(artifactPrefix(id)) || digests.has(id.digest);
