import type { TriggersInForce } from '../../shared/aws/configuration/triggers-in-force.ts';
import type { SqsQueue } from '../../shared/aws/messages/sqs-queue.ts';
import type { Metrics } from '../../shared/aws/metrics.ts';
import type { Clock } from '../../shared/clock.ts';
import { readSecret, type SecretDeps } from '../../shared/credentials/secret.ts';
import { asLandfallError, isLandfallError, LandfallError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { ReceiverEntry } from '../../shared/source/receiver-entry.ts';
import type { KeySource } from '../../shared/trigger/jwt/key-source.ts';
import { type SourceMatcher, sourceMatcher } from '../../shared/trigger/match-sources.ts';
import { type OpenReceiver, openReceiver } from '../../shared/trigger/receivers/open-receiver.ts';
import { type ReceiveDeps, receiverTable } from '../receive.ts';

export interface ReceiversInForceDeps {
  readonly triggers: () => Promise<TriggersInForce | undefined>;
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
  read(): Promise<Omit<ReceiveDeps, 'onReceived'>>;
}

export function receiversInForce(deps: ReceiversInForceDeps): ReceiversInForce {
  const { triggers, secrets, keys, queue, clock, log, metrics } = deps;
  let matcher: { readonly version: string; readonly sources: SourceMatcher } | undefined;

  /** One secret that cannot be read is no reason to turn the other senders away. */
  async function openOne(entry: ReceiverEntry): Promise<OpenReceiver | LandfallError> {
    try {
      return openReceiver(entry, { secret: await readSecret(entry.secret, secrets), clock, keys });
    } catch (thrown) {
      const error = asLandfallError(thrown);
      const { code, message } = error;
      log('error', 'receiver is closed', { receiver: entry.name, code, error: message });
      return error;
    }
  }

  return {
    ...{ log, metrics },
    read: async () => {
      const inForce = await triggers();
      if (inForce === undefined) {
        throw new LandfallError('CONFIG_UNREADABLE', 'the documents have not been read yet', {
          hint: 'Wait a minute; then see the log of the reconcile function.',
        });
      }
      if (matcher?.version !== inForce.version) {
        matcher = { version: inForce.version, sources: sourceMatcher(inForce.triggers.sources) };
      }
      const tried = await Promise.all(inForce.triggers.receivers.map(openOne));
      const closed = tried.filter(isLandfallError);
      const opened = tried.filter((one): one is OpenReceiver => !isLandfallError(one));
      return { receivers: receiverTable(opened, closed), sources: matcher.sources, queue };
    },
  };
}
