import type { RevisionChanged } from '../../shared/event/revision-changed.ts';
import { revisionChangedEvent } from '../../shared/event/revision-changed.ts';
import type { FileEntry } from '../../shared/model/artifact-record.ts';
import type { EventEnvelope, RevisionChangedEvent } from '../../shared/model/envelope.ts';
import type { Revision } from '../../shared/model/status.ts';
import { type Digest, digestOf } from '../../shared/oci/digest.ts';

export const sampleSource = {
  namespace: 'web',
  name: 'podinfo',
  url: 'oci://ghcr.io/stefanprodan/manifests/podinfo',
  labels: { tier: 'prod' },
} as const;

export const sampleOrigin = {
  time: '2026-11-21T08:00:00.000Z',
  account: '000000000000',
  region: 'local',
} as const;

export function sampleRevision(generation: number, over: Partial<Revision> = {}): Revision {
  const digest: Digest = digestOf(`manifest ${generation}`);
  return {
    revision: `6.0.${generation}@${digest}`,
    tag: `6.0.${generation}`,
    digest,
    variant: 'default',
    contentDigest: digestOf(`content ${generation}`),
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: null,
    annotations: { 'org.opencontainers.image.revision': `6.0.${generation}` },
    files: 2,
    size: 100,
    generation,
    committedAt: sampleOrigin.time,
    ...over,
  };
}

export const sampleChange = (generation: number, over: Partial<RevisionChanged> = {}): RevisionChanged => ({
  source: sampleSource,
  revision: sampleRevision(generation),
  previous: generation > 1 ? sampleRevision(generation - 1) : null,
  changes: {
    added: 1,
    modified: 1,
    removed: 0,
    paths: ['web/a.yaml', 'web/b.yaml'],
    links: { added: 0, modified: 0, removed: 0, paths: [] },
  },
  trigger: 'webhook',
  bucket: '/var/lib/landfall',
  origin: sampleOrigin,
  ...over,
});

/** A detail whose type the test does not ask for first. */
export const detailOf = (event: EventEnvelope | undefined): Readonly<Record<string, unknown>> =>
  event?.detail ?? {};

export const sampleEvent = (generation: number, name = 'podinfo'): RevisionChangedEvent =>
  revisionChangedEvent(sampleChange(generation, { source: { ...sampleSource, name } }));

export const fileEntry = (path: string, content = path, mode = 0o644): FileEntry => ({
  path,
  size: content.length,
  sha256: digestOf(content).slice('sha256:'.length),
  mode,
});
