import type { ArtifactRecord } from '../../../shared/model/artifact-record.ts';
import type { SourceId } from '../../../shared/model/ids.ts';
import type { Revision, Status } from '../../../shared/model/status.ts';
import { digestOf } from '../../../shared/oci/digest.ts';

export const SOURCE: SourceId = { namespace: 'web', name: 'podinfo' };

export function revisionOf(seed: string, generation: number, variant = 'default'): Revision {
  const digest = digestOf(seed);
  return {
    revision: `v${generation}@${digest}`,
    tag: `v${generation}`,
    digest,
    variant,
    contentDigest: digestOf(`content of ${seed}`),
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: null,
    annotations: {},
    files: 1,
    size: 1,
    generation,
    committedAt: '2026-11-21T00:00:00.000Z',
  };
}

export const revisionOfRecord = (record: ArtifactRecord, generation: number): Revision => ({
  ...revisionOf('', generation, record.variant),
  revision: record.digest,
  tag: null,
  digest: record.digest,
  contentDigest: record.contentDigest,
});

export function statusOf(parts: Partial<Status> = {}): Status {
  return {
    formatVersion: 1,
    ...SOURCE,
    url: 'oci://ghcr.io/stefanprodan/manifests/podinfo',
    labels: {},
    generation: parts.current?.generation ?? 0,
    current: null,
    history: [],
    conditions: [],
    failure: null,
    specDigest: 'sha256:spec',
    outbox: [],
    suspended: null,
    request: null,
    ...parts,
  };
}
