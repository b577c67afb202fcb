import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { ArtifactRecord } from '../../model/artifact-record.ts';
import type { RevisionChangedEvent } from '../../model/envelope.ts';
import type { ArtifactId } from '../../model/ids.ts';
import type { Revision, Status } from '../../model/status.ts';
import type { AppliedBefore, DeployArtifact } from '../kit/deploy-context.ts';
import type { JsonValue } from '../kit/json-value.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RevisionFacts } from '../ledger/ledger-changes.ts';
import type { LedgerRun } from '../ledger/ledger-schema.ts';
import { eventOfCurrent, type SourceNow } from './current-event.ts';
import type { DeployDeps, DeployRequest } from './deploy-request.ts';
import { NO_AWS, NO_SITES } from './no-aws.ts';
import type { RunLog } from './run-log.ts';
import type { Visit } from './visit.ts';
import { visitArtifact } from './visit-artifact.ts';

/** The revision of a run: as the status has it, or what the ledger kept of it where it is long past. */
export function revisionOf(
  run: RevisionFacts & { readonly since?: string; readonly at?: string },
  { current, history }: Pick<Status, 'current' | 'history'>,
): Revision {
  const found = [current, ...history].find(
    (each) => each?.generation === run.generation && each.digest === run.digest,
  );
  if (found) return found;
  const { generation, revision, digest, variant, contentDigest, since, at = since ?? '' } = run;
  const tag = revision.includes('@') ? (revision.split('@', 1)[0] ?? null) : null;
  const unknown = { mediaType: '', artifactType: null, annotations: {}, files: 0, size: 0 };
  return { generation, revision, digest, variant, contentDigest, tag, ...unknown, committedAt: at };
}

/** The event of a run's generation, which may be past by now; the one at hand where it cannot be made any more. */
export async function eventOfRun(
  run: LedgerRun,
  status: SourceNow,
  { event, bucket }: { readonly event: RevisionChangedEvent; readonly bucket: string },
  { store }: Pick<DeployDeps, 'store'>,
  options: CallOptions,
): Promise<RevisionChangedEvent> {
  if (event.detail.generation === run.generation) return event;
  const current = revisionOf(run, status);
  const history = status.history.filter(({ generation }) => generation < run.generation);
  const { account, region, detail } = event;
  const told = { account, region, bucket, trigger: current.trigger ?? detail.trigger };
  return (await eventOfCurrent({ ...status, current, history }, told, store, options)) ?? event;
}

/** What ran before, as a kind is told of it. */
const appliedBefore = ({ applied }: Ledger): AppliedBefore<JsonValue> | null => {
  if (applied === null) return null;
  const { generation, revision, digest, contentDigest, uses = [], at, result = null } = applied;
  return { generation, revision, digest, contentDigest, uses, at, result };
};

interface VisitFacts {
  readonly run: LedgerRun;
  readonly revision: Revision;
  /** Of its artifact; undefined: it is gone. */
  readonly record: ArtifactRecord | undefined;
  readonly event: RevisionChangedEvent;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
  readonly log: RunLog;
  readonly claimFor: Visit['claimFor'];
}

/** What a kind is told. */
export function openVisit(
  { deploy: entry }: Pick<DeployRequest, 'deploy'>,
  { run, revision, record, event, ledger, signal, log, claimFor }: VisitFacts,
  { store, clock, origin, locationOf, aws, sites, secret }: DeployDeps,
): Visit {
  const { name, kind, path, labels = {} } = entry;
  const { namespace, name: source, artifact } = event.detail;
  const artifactOf = (id: ArtifactId, found: ArtifactRecord | undefined): DeployArtifact =>
    visitArtifact({ deploy: name, id, path, location: locationOf(id, path), signal }, found, store);
  const access = aws?.(entry, signal) ?? NO_AWS;
  return {
    deploy: { name, kind, source: { namespace, name: source }, labels, ...(path !== undefined && { path }) },
    revision,
    uses: run.uses ?? [],
    usedArtifact: async (used) => {
      const { usedArtifact } = await import('./used-artifact.ts');
      return usedArtifact(used, { deploy: name, uses: run.uses ?? [], store, locationOf, signal });
    },
    event,
    artifact: artifactOf(revision, record),
    artifactBefore: async () => {
      const before = ledger.applied;
      const found = before === null ? undefined : await store.artifacts.record(before, { signal });
      return before === null || found === undefined ? null : artifactOf(before, found);
    },
    applied: appliedBefore(ledger),
    answer: run.answer,
    runId: run.id,
    attempt: run.attempt,
    timeoutMs: entry.timeoutMs,
    log: (line) => log.write(line),
    clock,
    signal,
    origin: { partition: partitionOf(origin.region), ...origin, bucket: artifact.bucket },
    aws: access,
    sites: { objects: store.objects, open: sites?.(entry, access) ?? NO_SITES },
    secret: async (where) => {
      if (secret !== undefined) return secret(where, entry);
      throw new LandfallError('CREDENTIAL_UNREADABLE', `deploy ${name}: no secret can be read here`);
    },
    claimFor,
  };
}

/** @see https://docs.aws.amazon.com/general/latest/gr/rande.html */
const partitionOf = (region: string): string => {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
};
