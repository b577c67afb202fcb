import { timestamp } from '../clock.ts';
import { asLandfallError, errorCodeOf, LandfallError } from '../errors.ts';
import { formatRevision, parseRevision } from '../oci/revision.ts';
import { type Resolution, resolve } from '../resolve/resolve.ts';
import { specDigest } from '../source/spec-digest.ts';
import { readStatus } from '../store/status-store.ts';
import { commitRevision } from './commit-revision.ts';
import type { ReconcileDeps, ReconcileInput, ReconcileOutcome } from './deps.ts';
import { failureSubject } from './failure.ts';
import { fetchManifest } from './fetch-manifest.ts';
import { flushOutbox } from './flush-outbox.ts';
import { artifactIdOf, land } from './land.ts';
import { recordFailure } from './record-failure.ts';
import { recordUnchanged } from './record-unchanged.ts';
import type { Run } from './run.ts';
import { newStatus } from './status-changes.ts';

/**
 * Looks at a source once: resolve, fetch, unpack, commit, emit. Any prefix of it run twice equals running it once.
 * Failures are values, recorded in status; only a store that cannot even be read throws.
 */
export async function reconcile(input: ReconcileInput, deps: ReconcileDeps): Promise<ReconcileOutcome> {
  const { source } = input;
  const before = (await readStatus(deps.store.objects, source))?.status ?? newStatus(source);
  const run = { ...input, before, specDigest: specDigest(source), signal: deadlineOf(input) };
  try {
    const flushed = { ...run, before: await flushOutbox(before, deps) };
    if (source.suspend || flushed.before.suspended !== null) return { outcome: 'suspended' };
    return await look(flushed, deps);
  } catch (error) {
    return recordFailure(
      run,
      { error: asLandfallError(error), subject: failureSubject(run.specDigest, undefined) },
      deps,
    );
  }
}

function deadlineOf({ source, signal }: ReconcileInput): AbortSignal {
  const timeout = AbortSignal.timeout(source.timeoutMs);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

async function look(run: Run, deps: ReconcileDeps): Promise<ReconcileOutcome> {
  const { source, signal } = run;
  const stalled = stalledRevision(run);
  const current = stalled ?? landedRevision(run);
  const resolution = await resolve(
    { repository: source.repository, ref: source.ref, ...(current && { current }) },
    { registry: deps.registry, signal },
  );
  const revision = formatRevision(resolution.tag, resolution.digest);
  if (
    run.before.failure !== null &&
    stalled !== undefined &&
    revision === formatRevision(stalled.tag, stalled.digest)
  ) {
    const { code, message, hint } = run.before.failure;
    return { outcome: 'stalled', error: new LandfallError(errorCodeOf(code), message, hint === null ? {} : { hint }) };
  }
  if (resolution.outcome === 'unchanged') return recordUnchanged(run, deps);
  try {
    return await landRevision(run, resolution, deps);
  } catch (error) {
    return recordFailure(
      run,
      { error: asLandfallError(error), subject: failureSubject(run.specDigest, revision) },
      deps,
    );
  }
}

/** The revision that failed for good under this very document; a person's request tries it again. */
function stalledRevision({ before, specDigest, trigger }: Run): ReturnType<typeof parseRevision> {
  const { failure } = before;
  if (failure === null || failure.kind !== 'permanent' || trigger === 'request') return undefined;
  const [spec, revision] = failure.subject.split(' ', 2);
  return spec === specDigest && revision !== undefined ? parseRevision(revision) : undefined;
}

/** What is current, where the document that landed it still stands. */
function landedRevision({ before, specDigest }: Run): ReturnType<typeof parseRevision> {
  return before.current !== null && before.specDigest === specDigest
    ? { tag: before.current.tag, digest: before.current.digest }
    : undefined;
}

async function landRevision(
  run: Run,
  { tag, digest, manifest }: Extract<Resolution, { outcome: 'resolved' }>,
  deps: ReconcileDeps,
): Promise<ReconcileOutcome> {
  const { source, signal, before } = run;
  const { repository, unpack } = source;
  const selected = await fetchManifest(
    { repository, digest, fetched: manifest, platform: unpack.platform, signal },
    deps.registry,
  );
  const { variant } = artifactIdOf({ source, selected });
  const { current } = before;
  if (current !== null && current.revision === formatRevision(tag, digest) && current.variant === variant) {
    return recordUnchanged(run, deps);
  }
  const record = await land(
    { source, selected, signal },
    {
      registry: deps.registry,
      artifacts: deps.store.artifacts,
      ...(deps.onProgress && { onProgress: deps.onProgress }),
    },
  );
  return commitRevision(run, { record, tag: tag ?? null, now: timestamp(deps.clock) }, deps);
}
