import type { DeployMetricName, MetricName } from '../shared/aws/metrics.ts';
import type { PruneOutcome } from '../shared/deploy/prune.ts';
import type { DeployOutcome } from '../shared/deploy/visit/deploy-request.ts';
import type { LandfallError } from '../shared/errors.ts';
import { hintFor } from '../shared/hint.ts';
import { FAILING_MS } from '../shared/limits.ts';
import type { Log, LogFields, LogLevel } from '../shared/log.ts';
import { formatSourceId } from '../shared/model/ids.ts';
import type { NotifyReport } from '../shared/notify/deliver.ts';
import type { ReconcileOutcome } from '../shared/reconcile/deps.ts';
import type { TriggerMessage } from '../shared/trigger/queue.ts';
import { isLoggedBefore } from '../shared/trigger/reconcile-again.ts';

interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** What one outcome is worth logging: the same on Lambda, which counts as well, and on one machine. Pure. */
export interface Report<Name extends string> {
  readonly lines: readonly LogLine[];
  /** Each counts one. */
  readonly counts: readonly Name[];
}

const line = (level: LogLevel, message: string, fields: LogFields): LogLine => ({ level, message, fields });

/** What a line has of a failure. `awsRequest`: of AWS's answer, where it was one. */
export const failureFields = ({ code, kind, message, hint, detail }: LandfallError): LogFields => ({
  code,
  kind,
  error: message,
  next: hint,
  ...(detail['awsRequest'] !== undefined && { awsRequest: detail['awsRequest'] }),
});

const nextOf = (asked: TriggerMessage, { hint }: LandfallError): string | undefined =>
  hint && hintFor(hint, { source: formatSourceId(asked) });

const whatOf = (asked: TriggerMessage): LogFields => ({
  source: formatSourceId(asked),
  trigger: asked.trigger,
});

/** Whoever stopped it knows why it ended; what looks next looks again. It is nobody's failure, and is not counted as one. */
const isCutOff = ({ code }: LandfallError): boolean => code === 'CANCELLED';

/** Also of a reconcile that threw: of a store that cannot be read there is no outcome, and no status to read it in. */
export function failureReport(asked: TriggerMessage, error: LandfallError): Report<MetricName> {
  const what = whatOf(asked);
  if (isCutOff(error)) return { lines: [line('info', 'look cut off', what)], counts: [] };
  // At a first start what is composed may be looked at before its parts: they wake it.
  const isWaiting = error.code === 'PART_NOT_READY';
  const level = isLoggedBefore(asked, error) ? 'debug' : isWaiting ? 'info' : 'error';
  const says = isWaiting ? 'waits for its parts' : 'reconcile failed';
  return {
    lines: [line(level, says, { ...what, ...failureFields(error), next: nextOf(asked, error) })],
    counts: [
      ...(error.code === 'EMIT_FAILED' ? (['EmitFailed'] as const) : []),
      error.kind === 'permanent' ? 'SourceStalled' : 'SourceFailed',
    ],
  };
}

/** A poll that found nothing new, and a failure that is known for good, are `debug`. */
function bodyOf(asked: TriggerMessage, outcome: ReconcileOutcome): Report<MetricName> {
  const what = whatOf(asked);
  switch (outcome.outcome) {
    case 'committed': {
      const { revision, generation, files, size } = outcome.revision;
      const landed = line('info', 'landed', { ...what, revision, generation, files, size });
      if (outcome.emitError === undefined) return { lines: [landed], counts: ['Landed'] };
      const unsent = line('warn', 'event not sent yet', { ...what, code: outcome.emitError.code });
      return { lines: [landed, unsent], counts: ['Landed', 'EmitFailed'] };
    }
    case 'failed':
      return failureReport(asked, outcome.error);
    case 'stalled': {
      const { counts } = failureReport(asked, outcome.error);
      return { lines: [line('debug', 'still stalled', { ...what, code: outcome.error.code })], counts };
    }
    case 'unchanged':
      return { lines: [line('debug', 'unchanged', what)], counts: ['Unchanged'] };
    case 'superseded':
    case 'suspended':
      return { lines: [line('debug', outcome.outcome, what)], counts: [] };
  }
}

export function reconcileReport(asked: TriggerMessage, outcome: ReconcileOutcome): Report<MetricName> {
  const { lines, counts } = bodyOf(asked, outcome);
  const ended = 'recovered' in outcome ? outcome.recovered : undefined;
  const recovered = ended && {
    from: ended.code,
    since: ended.since,
    attempts: ended.attempts,
  };
  return {
    lines: [...(recovered ? [line('info', 'recovered', { ...whatOf(asked), ...recovered })] : []), ...lines],
    counts: ['Looked', ...counts],
  };
}

export interface ReportedDeploy {
  /** Names it in each line. */
  readonly what: LogFields;
  /** The command that has it run again after it failed for good, where there is one. */
  readonly runAgain?: string;
  /** False for a reconcile by time: what it finds was told when it happened. */
  readonly isNews: boolean;
  /** The same failure was told before, and not long ago. Default false. */
  readonly isRepeated?: boolean;
}

export function deployReport(
  { what, runAgain, isNews, isRepeated = false }: ReportedDeploy,
  outcome: DeployOutcome,
): Report<DeployMetricName> {
  const one = (level: LogLevel, message: string, fields: LogFields = {}): Report<DeployMetricName> => ({
    lines: [line(level, message, { ...what, ...fields })],
    counts: [],
  });
  switch (outcome.outcome) {
    case 'busy':
      return one('info', 'deploy waits for another worker', { atMostMs: outcome.waitMs });
    case 'failed-before':
      return one(isNews ? 'warn' : 'debug', 'deploy failed before', {
        code: outcome.code,
        next: runAgain && `Run it again with: ${runAgain}`,
      });
    case 'applied':
    case 'unchanged': {
      const { revision, generation } = outcome.revision;
      const reported = one('info', `deploy ${outcome.outcome}`, { revision, generation });
      return outcome.outcome === 'applied' ? { ...reported, counts: ['Deployed'] } : reported;
    }
    case 'drifted': {
      const { revision: at, changes, summary } = outcome;
      const facts = { revision: at.revision, generation: at.generation, changes, summary };
      return one('warn', 'deploy drifted', facts);
    }
    case 'waiting': {
      const { revision: at, waitsFor, message: says, isNew, waitMs } = outcome;
      const facts = { revision: at.revision, generation: at.generation, waitsFor, says };
      const nextLookInMs = waitMs === undefined ? undefined : Math.round(waitMs);
      return one(isNew ? 'info' : 'debug', 'deploy waits', { ...facts, nextLookInMs });
    }
    case 'running': {
      const { revision, message: says, waitMs, runId: run } = outcome;
      const facts = { revision: revision.revision, generation: revision.generation, run };
      return one(isNews ? 'info' : 'debug', 'deploy is under way', {
        ...facts,
        says,
        nextLookInMs: Math.round(waitMs),
      });
    }
    case 'done-before':
      return one('debug', 'deploy done-before');
    case 'not-wanted':
      return one('info', 'deploy not-wanted');
    case 'failed': {
      if (isCutOff(outcome.error)) return one('info', 'deploy cut off');
      const { error, attempts, retryMs } = outcome;
      const what = outcome.isRolledBack ? 'deploy rolled back' : 'deploy failed';
      return one(isRepeated ? 'debug' : 'error', what, {
        ...failureFields(error),
        attempts,
        nextTryInMs: retryMs && Math.round(retryMs),
      });
    }
  }
}

/**
 * What was sent is `debug`. Counted is what is dropped, and what somebody should have been told a quarter of an hour ago.
 * @param now milliseconds since the epoch
 */
export function notifyReport(
  { entry, notification, outcome, error }: NotifyReport,
  now: number,
): Report<MetricName> {
  const what = { notify: entry.name, subject: notification.subject, event: notification.type };
  if (error === undefined) return { lines: [line('debug', 'told', what)], counts: ['Told'] };
  const failed = { ...what, ...failureFields(error) };
  if (outcome === 'dropped') return { lines: [line('error', 'not told', failed)], counts: ['NotTold'] };
  const isLate = now - Date.parse(notification.at) >= FAILING_MS;
  return { lines: [line('warn', 'not told yet', failed)], counts: isLate ? ['NotTold'] : [] };
}

/** @param what names it in each line */
export function pruneReport(what: LogFields, outcome: PruneOutcome): Report<never> {
  const lines = (): readonly LogLine[] => {
    switch (outcome.outcome) {
      case 'pruned':
        return [line('info', 'deploy pruned', what)];
      case 'again':
        return [line('info', 'deploy is being pruned', { ...what, says: outcome.message })];
      case 'failed': {
        const { code, message, hint } = outcome.error;
        return [line('error', 'deploy not pruned', { ...what, code, error: message, next: hint })];
      }
      default:
        return [];
    }
  };
  return { lines: lines(), counts: [] };
}

/** Writes a report's lines, and its counts where there is somebody to count. */
export function write<Name extends string>(
  { lines, counts }: Report<Name>,
  { log, count }: { readonly log: Log; readonly count?: (name: Name) => void },
): void {
  for (const { level, message, fields } of lines) log(level, message, fields);
  if (count !== undefined) for (const name of counts) count(name);
}
