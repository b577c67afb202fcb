import type { Received } from '../functions/receive.ts';
import { deployReport, failureReport, notifyReport, reconcileReport, write } from '../functions/report.ts';
import type { DeployReport } from '../shared/deploy/subscriptions.ts';
import type { LandfallError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import { formatSourceId } from '../shared/model/ids.ts';
import type { NotifyReport } from '../shared/notify/deliver.ts';
import type { ReconcileOutcome } from '../shared/reconcile/deps.ts';
import type { HostFact } from '../shared/trigger/host-state.ts';
import type { TriggerMessage } from '../shared/trigger/queue.ts';

export const reportFailed = (log: Log, asked: TriggerMessage, error: LandfallError): void =>
  write(failureReport(asked, error), { log });

export const reportReconciled = (log: Log, asked: TriggerMessage, outcome: ReconcileOutcome): void =>
  write(reconcileReport(asked, outcome), { log });

export function reportReceived(log: Log, { receiver, status, sources, code, why }: Received): void {
  const level = status < 300 && code === undefined ? (sources.length > 0 ? 'info' : 'debug') : 'warn';
  log(level, 'webhook', { receiver, status, sources: sources.map(formatSourceId).join(' '), code, why });
}

export function reportDeploy(
  log: Log,
  { deploy, source: id, outcome, isNews, isRepeated }: DeployReport,
): void {
  const source = formatSourceId(id);
  const runAgain = `landfall replay ${source} --deploy ${deploy.name}`;
  const what = { deploy: deploy.name, source };
  write(deployReport({ what, runAgain, isNews, isRepeated }, outcome), { log });
}

export const reportNotified = (log: Log, report: NotifyReport, now: number): void =>
  write(notifyReport(report, now), { log });

/** Once when it falls silent, and once when it answers again. */
export function reportHost(log: Log, fact: HostFact): void {
  if (fact.is === 'back') {
    log('info', 'registry answers again', { registry: fact.host });
    return;
  }
  const { host, waiting, error } = fact;
  log('warn', 'registry does not answer', {
    registry: host,
    waiting,
    code: error.code,
    error: error.message,
  });
}
