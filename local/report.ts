import type { Received } from '../functions/receive.ts';
import type { DeployReport } from '../shared/deploy/subscriptions.ts';
import type { LandfallError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import type { ReconcileOutcome } from '../shared/reconcile/deps.ts';
import { formatSourceId, type SourceId } from '../shared/store/layout.ts';
import { isToldBefore } from '../shared/trigger/look-again.ts';
import type { TriggerMessage } from '../shared/trigger/queue.ts';

export interface Reconciled {
  readonly source: SourceId;
  readonly message: TriggerMessage;
  readonly outcome: ReconcileOutcome;
}

/** Also of a look that threw: of a store that cannot be read there is no outcome, and no status to read it in. */
export function reportFailed(log: Log, asked: TriggerMessage, error: LandfallError): void {
  const what = { source: formatSourceId(asked), trigger: asked.trigger };
  const { code, kind, message, hint: next } = error;
  // Whoever stops serve knows why it ended; the next start looks again.
  if (code === 'CANCELLED') log('info', 'look cut off', what);
  else {
    const level = isToldBefore(asked, error) ? 'debug' : 'error';
    log(level, 'reconcile failed', { ...what, code, kind, error: message, next });
  }
}

/** One line for whatever is worth a person's while; a poll that found nothing new is `debug`. */
export function reportReconciled(log: Log, { source, message, outcome }: Reconciled): void {
  const what = { source: formatSourceId(source), trigger: message.trigger };
  if ('recovered' in outcome && outcome.recovered !== undefined) {
    const { code, since, attempts } = outcome.recovered;
    log('info', 'recovered', { ...what, from: code, since, attempts });
  }
  if (outcome.outcome === 'committed') {
    const { revision, generation, files, size } = outcome.revision;
    log('info', 'landed', { ...what, revision, generation, files, size });
    if (outcome.emitError !== undefined)
      log('warn', 'event not sent yet', { ...what, code: outcome.emitError.code });
    return;
  }
  if (outcome.outcome === 'failed') {
    reportFailed(log, message, outcome.error);
    return;
  }
  if (outcome.outcome === 'stalled') {
    log('debug', 'still stalled', { ...what, code: outcome.error.code });
    return;
  }
  log('debug', outcome.outcome, what);
}

export function reportReceived(log: Log, { receiver, status, sources, code, why }: Received): void {
  const level = status < 300 && code === undefined ? (sources.length > 0 ? 'info' : 'debug') : 'warn';
  log(level, 'webhook', { receiver, status, sources: sources.map(formatSourceId).join(' '), code, why });
}

export function reportDeploy(log: Log, { deploy, event, outcome }: DeployReport): void {
  const what = { deploy: deploy.name, source: `${event.detail['namespace']}/${event.detail['name']}` };
  if (outcome.outcome === 'busy') {
    log('info', 'deploy waits for another worker', { ...what, atMostMs: outcome.waitMs });
    return;
  }
  if (outcome.outcome === 'failed-before') {
    const next = `Run it again with: landfall replay ${what.source} --deploy ${deploy.name}`;
    log('warn', 'deploy failed before', { ...what, code: outcome.code, next });
    return;
  }
  if (outcome.outcome === 'applied' || outcome.outcome === 'unchanged') {
    const { revision, generation } = outcome.revision;
    log('info', `deploy ${outcome.outcome}`, { ...what, revision, generation });
    return;
  }
  if (outcome.outcome !== 'failed') {
    log(outcome.outcome === 'done-before' ? 'debug' : 'info', `deploy ${outcome.outcome}`, what);
    return;
  }
  const { code, message, hint } = outcome.error;
  if (code === 'CANCELLED') log('info', 'deploy cut off', what);
  else log('error', 'deploy failed', { ...what, code, error: message, next: hint });
}
