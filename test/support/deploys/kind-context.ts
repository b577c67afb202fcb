import { createHash } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import type { AwsAccess } from '../../../shared/deploy/kit/aws-access.ts';
import type {
  AppliedBefore,
  ArtifactLocation,
  DeployAnswer,
  DeployContext,
} from '../../../shared/deploy/kit/deploy-context.ts';
import { deployFailed } from '../../../shared/deploy/kit/failures.ts';
import type { SiteAccess } from '../../../shared/deploy/kit/site-access.ts';
import { NO_SITES } from '../../../shared/deploy/visit/no-aws.ts';
import { revisionChangedEvent } from '../../../shared/event/revision-changed.ts';
import { inPathOrder } from '../../../shared/kernel/byte-order.ts';
import type { FileEntry } from '../../../shared/model/artifact-record.ts';
import { openMemoryStore } from '../../../shared/store/memory/memory-store.ts';
import { sampleChange } from '../../event/samples.ts';
import { ACCOUNT, REGION } from '../aws-server/aws-client-for.ts';

type Content = Readonly<Record<string, Uint8Array | string>>;

const bytesOf = (content: Uint8Array | string): Uint8Array => Buffer.from(content);

const entryOf = ([path, content]: readonly [string, Uint8Array | string]): FileEntry => ({
  path,
  size: bytesOf(content).byteLength,
  sha256: createHash('sha256').update(bytesOf(content)).digest('hex'),
  mode: path.endsWith('.sh') ? 0o755 : 0o644,
});

export interface KindContextOptions<Settings, Result> {
  readonly kind: string;
  readonly settings: Settings;
  readonly files: Content;
  readonly aws: AwsAccess;
  readonly clock: Clock;
  readonly location?: ArtifactLocation;
  readonly applied?: Partial<AppliedBefore<Result>> & { readonly result: Result };
  /** Counts the runs: 1 unless told. */
  readonly run?: number;
  readonly log?: string[];
  readonly signal?: AbortSignal;
  readonly sites?: SiteAccess;
  readonly answer?: DeployAnswer | null;
}

const BUCKET = 'landfall-store';

/** What the engine gives a kind, over an artifact in memory. */
export function kindContext<Settings, Result>({
  kind,
  settings,
  files,
  aws,
  clock,
  location = { in: 'bucket', bucket: BUCKET, prefix: 'artifacts/sha256/ab/default/files/' },
  applied,
  run = 1,
  log = [],
  signal = new AbortController().signal,
  answer = null,
  sites = { objects: openMemoryStore(clock).objects, open: NO_SITES },
}: KindContextOptions<Settings, Result>): DeployContext<Settings, Result> {
  const change = sampleChange(run);
  const { revision } = change;
  const entries = inPathOrder(Object.entries(files).map(entryOf));
  const record = {
    formatVersion: 1,
    digest: revision.digest,
    variant: revision.variant,
    manifest: revision.digest,
    mediaType: revision.mediaType,
    artifactType: null,
    annotations: {},
    contentDigest: revision.contentDigest,
    size: entries.reduce((sum, { size }) => sum + size, 0),
    layers: [],
    files: entries,
    links: [],
  } as const;
  const before = applied && {
    generation: revision.generation - 1 || 1,
    revision: 'before',
    digest: revision.digest,
    contentDigest: revision.contentDigest,
    at: '2026-11-29T00:00:00.000Z',
    ...applied,
  };
  const context = {
    deploy: { name: 'live', kind, source: { namespace: 'web', name: 'site' }, labels: {} },
    settings,
    applied: before ?? null,
    runId: `landfall-${String(run).padStart(24, '0')}`,
    attempt: 1,
    log: (line: string) => void log.push(line),
    clock,
    signal,
    origin: { partition: 'aws', account: ACCOUNT, region: REGION, bucket: BUCKET },
    aws,
    sites,
    answer,
    claimFor: async () => undefined,
    timeoutMs: 600_000,
    secret: async () => '',
    revision,
    event: revisionChangedEvent(change),
    artifactBefore: async () => null,
    usedArtifact: async (source: string) => {
      throw deployFailed(`${source} is not used here`);
    },
    artifact: {
      record,
      files: entries,
      location,
      check: async () => undefined,
      checkAll: async () => undefined,
      read: async (path: string, maximum = 8 * 1024 * 1024) => {
        const content = files[path];
        if (content === undefined) throw deployFailed(`${path} is not in the artifact`);
        const bytes = bytesOf(content);
        if (bytes.byteLength > maximum) throw deployFailed(`${path} is larger than ${maximum}`);
        return bytes;
      },
    },
  };
  return context;
}
