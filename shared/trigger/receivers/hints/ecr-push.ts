import { isObject, type JsonObject } from '../../../kernel/json.ts';
import type { PushHint } from '../receiver.ts';
import { pushHint } from './push-hint.ts';

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

const textAt = (object: JsonObject, name: string): string | undefined => {
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
};
const objectAt = (object: JsonObject, name: string): JsonObject => {
  const value = object[name];
  return isObject(value) ? value : {};
};

/**
 * The call that a push ends with, as CloudTrail records it: a rule of the user's may pass that on in place of ECR's own
 * events. A call that failed has an errorCode.
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html
 */
function putImage(detail: JsonObject): PushHint | undefined {
  const request = objectAt(detail, 'requestParameters');
  const repository = textAt(request, 'repositoryName');
  if (detail['eventName'] !== 'PutImage' || detail['errorCode'] != null || repository === undefined)
    return undefined;
  const { imageDigest } = objectAt(objectAt(objectAt(detail, 'responseElements'), 'image'), 'imageId');
  return pushHint(
    repository,
    textAt(request, 'imageTag'),
    typeof imageDigest === 'string' ? imageDigest : undefined,
  );
}

/** What an event of EventBridge says was pushed to ECR. undefined: it is none of ECR's, or means no look. */
export function ecrHintOf(event: JsonObject): PushHint | undefined {
  if (event['source'] !== 'aws.ecr') return undefined;
  const detail = objectAt(event, 'detail');
  const type = textAt(event, 'detail-type') ?? '';
  if (type === 'AWS API Call via CloudTrail') return putImage(detail);
  const pushes = Object.hasOwn(PUSHES, type) ? (PUSHES[type] ?? []) : [];
  const means = pushes.some((wanted) =>
    Object.entries(wanted).every(([name, value]) => detail[name] === value),
  );
  const repository = textAt(detail, 'repository-name');
  if (!means || repository === undefined) return undefined;
  return pushHint(repository, textAt(detail, 'image-tag'), textAt(detail, 'image-digest'));
}
