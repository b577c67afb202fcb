import { ecrHosts } from '../shared/aws/credentials/ecr-host.ts';
import { isObject, type JsonObject } from '../shared/kernel/json.ts';
import { pushHint } from '../shared/trigger/receivers/push-hint.ts';
import type { PushHint } from '../shared/trigger/receivers/receiver.ts';

/** Where to look: every host that a source may have written for the registry, and what was pushed. */
export interface EcrPush {
  readonly registries: readonly string[];
  readonly hint: PushHint;
}

/**
 * What ECR says of itself that means "look": by the type of the event, the actions with what else has to stand there.
 * A restored image had a tag that could not be pulled. "ECR Artifact Action" AWS lists without a sample: where it says
 * what a push of an image says, it is taken for one. Deletes, scans and referrers move no tag.
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
 */
const PUSH = { 'action-type': 'PUSH', result: 'SUCCESS' };
const RESTORE = {
  'action-type': 'UPDATE_STORAGE_CLASS',
  'target-storage-class': 'STANDARD',
  result: 'SUCCESS',
};
const PUSHES: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>> = {
  'ECR Image Action': [PUSH, RESTORE],
  'ECR Artifact Action': [PUSH, RESTORE],
  'ECR Replication Action': [{ 'action-type': 'REPLICATE', result: 'SUCCESS' }],
  'ECR Pull Through Cache Action': [{ 'sync-status': 'SUCCESS' }],
};

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2}[a-z0-9-]{1,30}$/;

const textAt = (object: JsonObject, name: string): string | undefined => {
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
};

/**
 * Reads an event of `aws.ecr`. Account and region are the envelope's, which EventBridge fills in and no sender can:
 * those in the detail are where a replica came from. undefined: it means no reconcile.
 */
export function ecrPushOf(event: JsonObject): EcrPush | undefined {
  const { account, region, detail } = event;
  if (typeof account !== 'string' || typeof region !== 'string') return undefined;
  if (!ACCOUNT.test(account) || !REGION.test(region)) return undefined;
  if (!isObject(detail)) return undefined;
  const type = textAt(event, 'detail-type') ?? '';
  const pushes = Object.hasOwn(PUSHES, type) ? (PUSHES[type] ?? []) : [];
  const means = pushes.some((wanted) =>
    Object.entries(wanted).every(([name, value]) => detail[name] === value),
  );
  const repository = textAt(detail, 'repository-name');
  if (!means || repository === undefined) return undefined;
  const hint = pushHint(repository, textAt(detail, 'image-tag'), textAt(detail, 'image-digest'));
  return { registries: ecrHosts({ account, region }), hint };
}
