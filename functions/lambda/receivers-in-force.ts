import type { TriggersInForce } from '../../shared/aws/configuration/triggers-in-force.ts';
import type { SqsQueue } from '../../shared/aws/messages/sqs-queue.ts';
import type { Metrics } from '../../shared/aws/metrics.ts';
import { isAccessDenied } from '../../shared/aws/s3/read.ts';
import type { Clock } from '../../shared/clock.ts';
import type { SecretDeps } from '../../shared/credentials/secret.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import type { Log } from '../../shared/log.ts';
import { TRIGGERS_KEY } from '../../shared/store/layout.ts';
import type { KeySource } from '../../shared/trigger/jwt/key-source.ts';
import { type SourceMatcher, sourceMatcher } from '../../shared/trigger/match-sources.ts';
import { openReceivers, reportClosed } from '../open-receivers.ts';
import { type ReceiveDeps, receiverTable } from '../receive.ts';

export interface ReceiversInForceDeps {
  readonly triggers: (options?: CallOptions) => Promise<TriggersInForce | undefined>;
  readonly secrets: SecretDeps;
  readonly keys: KeySource;
  readonly queue: SqsQueue;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Receivers with their secrets as they are now. */
export interface ReceiversInForce extends Pick<ReceiversInForceDeps, 'log' | 'metrics'> {
  /** @throws LandfallError STORE_*, CONFIG_UNREADABLE where the documents have not been read yet */
  read(options?: CallOptions): Promise<Omit<ReceiveDeps, 'onReceived' | 'signal'>>;
}

export function receiversInForce(deps: ReceiversInForceDeps): ReceiversInForce {
  const { triggers, secrets, keys, queue, clock, log, metrics } = deps;
  let matcher: { readonly version: string; readonly sources: SourceMatcher } | undefined;

  return {
    log,
    metrics,
    read: async (options) => {
      // Who may not list is told no more of a key that is not there.
      const inForce = await triggers(options).catch((error: unknown) => {
        if (!isAccessDenied(error)) throw error;
        return undefined;
      });
      if (inForce === undefined) {
        throw new LandfallError(
          'CONFIG_UNREADABLE',
          `the documents have not been read yet: ${TRIGGERS_KEY}`,
          {
            hint: 'Wait a minute; then see the log of the function poll, and what policies deny of that object.',
          },
        );
      }
      if (matcher?.version !== inForce.version) {
        matcher = { version: inForce.version, sources: sourceMatcher(inForce.triggers.sources) };
      }
      const opened = await openReceivers(inForce.triggers.receivers, { secrets, clock, keys });
      reportClosed(log, opened.closed);
      return { receivers: receiverTable(opened), sources: matcher.sources, queue };
    },
  };
}
