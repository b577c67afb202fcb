import { ecrHosts } from '../shared/aws/credentials/ecr-host.ts';
import type { JsonObject } from '../shared/kernel/json.ts';
import { ecrHintOf } from '../shared/trigger/receivers/ecr-push.ts';
import type { PushHint } from '../shared/trigger/receivers/receiver.ts';

/** Where to look: every host that a source may have written for the registry, and what was pushed. */
export interface EcrPush {
  readonly registries: readonly string[];
  readonly hint: PushHint;
}

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2}[a-z0-9-]{1,30}$/;

/**
 * Reads an event of `aws.ecr`. Account and region are the envelope's, which EventBridge fills in and no sender can:
 * those in the detail are where a replica came from. undefined: it means no reconcile.
 */
export function ecrPushOf(event: JsonObject): EcrPush | undefined {
  const { account, region } = event;
  if (typeof account !== 'string' || typeof region !== 'string') return undefined;
  if (!ACCOUNT.test(account) || !REGION.test(region)) return undefined;
  const hint = ecrHintOf(event);
  return hint && { registries: ecrHosts({ account, region }), hint };
}
