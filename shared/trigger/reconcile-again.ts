import type { LandfallError } from '../errors.ts';
import { BACKOFF, backoffMs } from '../kernel/backoff.ts';
import { REGISTRY_PAUSE_MS } from '../limits.ts';
import type { Trigger } from '../model/detail-type.ts';
import type { TriggerMessage } from './queue.ts';

/**
 * Waits before looking once more after a webhook. Docker's registry announces a push before its tag points at it, and
 * registries that replicate or cache may answer with the old digest for a while: the first reconcile can come too early.
 * @see https://github.com/distribution/distribution/blob/v2.8.3/registry/handlers/manifests.go PutManifest
 */
const WAITS_MS: readonly number[] = [200, 2_000];

/**
 * A reconcile that found nothing new is not repeated sooner, however many webhooks say so: one push of many platforms is
 * dozens of them, and a sender that repeats itself is not to become requests to the registry.
 */
export const QUIET_MS = 200;

/** Who asks: the greater wins where triggers of one source become one. */
const WEIGHT: Readonly<Record<Trigger, number>> = { schedule: 0, webhook: 1, rollback: 2, request: 3 };

export const isUrgent = (trigger: Trigger): boolean => WEIGHT[trigger] > WEIGHT.schedule;

const reconcilesLeft = ({ trigger, again }: TriggerMessage): number =>
  again ?? (trigger === 'webhook' ? WAITS_MS.length : 0);

/** Two triggers of one source as one: the weightier reason, and as many reconciles as either is worth. */
export function joinTriggers(pending: TriggerMessage, message: TriggerMessage): TriggerMessage {
  const heavier = WEIGHT[pending.trigger] >= WEIGHT[message.trigger] ? pending : message;
  return { ...heavier, again: Math.max(reconcilesLeft(pending), reconcilesLeft(message)) };
}

/**
 * What is to follow a reconcile that this message caused, and after how many milliseconds; undefined: nothing.
 * @param failure what that reconcile failed with, if it did
 */
export function nextReconcile(
  { failed, ...message }: TriggerMessage,
  failure?: LandfallError,
): { readonly message: TriggerMessage; readonly afterMs: number } | undefined {
  const left = reconcilesLeft(message);
  const afterMs = WAITS_MS[WAITS_MS.length - left];
  if (left <= 0 || afterMs === undefined) return undefined;
  const why = failure && { failed: { code: failure.code, message: failure.message } };
  return { message: { ...message, again: left - 1, ...why }, afterMs };
}

/** Whether a reconcile failed with just what the one that it repeats failed with: for people that is logged once. */
export const isLoggedBefore = ({ failed }: TriggerMessage, { code, message }: LandfallError): boolean =>
  failed?.code === code && failed.message === message;

/**
 * Milliseconds until the next try: between half and the whole of the doubled wait, so that many sources of one
 * registry do not come back together; never less than what the registry asked for.
 * @param attempts tries that failed, from 1
 * @param random in [0, 1)
 */
export function waitAfter(attempts: number, retryAfterMs: number | undefined, random: number): number {
  const wait = Math.round(backoffMs(BACKOFF.reconcile, attempts, random));
  return Math.max(wait, Math.min(retryAfterMs ?? 0, REGISTRY_PAUSE_MS));
}
