import * as z from 'zod/mini';
import { isObject } from '../../kernel/json.ts';
import type { WebhookWithBody } from '../webhook.ts';
import { standardSignature } from './auth/standard-webhook.ts';
import { isBearer } from './auth/static-secret.ts';
import { type CloudEvent, cloudEventsOf } from './hints/cloud-event.ts';
import { ecrHintOf } from './hints/ecr-push.ts';
import { parsePackageUrl } from './hints/package-url.ts';
import { pushHint } from './hints/push-hint.ts';
import { parseWebhookJson } from './hints/webhook-json.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';

/** `registryUrl` may stand beside these, and is never used: the receiver is bound to its registry. */
const imagePush = z.object({
  repository: z.string(),
  tag: z.nullish(z.string()),
  digest: z.nullish(z.string()),
});
/**
 * As the input transformer has it that people copy from argocd-image-updater, where EventBridge calls an endpoint
 * instead of a queue. `source` has account and region, and is never used.
 * @see https://argocd-image-updater.readthedocs.io/en/latest/configuration/webhook/
 */
const ecrPush = z.object({
  repositoryName: z.string(),
  imageTag: z.nullish(z.string()),
  imageDigest: z.nullish(z.string()),
});
const artifact = z.object({ subject: z.object({ id: z.string() }) });

/** With any version behind it: `dev.cdevents.artifact.published.0.3.0`. */
const CDEVENT = /^dev\.cdevents\.artifact\.(?:published|packaged)(?:\.|$)/;

function hintOf({ type, data: told }: CloudEvent): readonly PushHint[] {
  if (type === 'container.image.push') {
    const { data } = imagePush.safeParse(told);
    return data === undefined ? [] : [pushHint(data.repository, data.tag, data.digest)];
  }
  if (type === 'com.amazon.ecr.image.push') {
    const { data } = ecrPush.safeParse(told);
    return data === undefined ? [] : [pushHint(data.repositoryName, data.imageTag, data.imageDigest)];
  }
  if (!CDEVENT.test(type)) return [];
  const named = parsePackageUrl(artifact.safeParse(told).data?.subject.id ?? '');
  return named === undefined ? [] : [pushHint(named.repository, named.tag, named.digest)];
}

/** An event of EventBridge as it is: what an API destination sends without an input transformer. */
function hintsOfBus(request: WebhookWithBody): readonly PushHint[] {
  const event = parseWebhookJson(request.body);
  const hint = isObject(event) ? ecrHintOf(event) : undefined;
  return hint === undefined ? [] : [hint];
}

function parse(request: WebhookWithBody): readonly PushHint[] {
  const events = cloudEventsOf(request);
  return events.length === 0 ? hintsOfBus(request) : events.flatMap(hintOf);
}

/**
 * CloudEvents `container.image.push` and `com.amazon.ecr.image.push`, and CDEvents of artifacts that were published or
 * packaged, and ECR's events as EventBridge has them: signed as the generic receiver has it, or with the secret as a bearer.
 * @see https://github.com/cdevents/spec/blob/v0.4.1/core.md#artifact
 */
export function cloudEventsReceiver({ secret, clock }: ReceiverOptions): Receiver {
  const isSigned = standardSignature(secret, clock);
  return {
    authenticate: (request) => isBearer(request, secret) || isSigned(request),
    parse,
  };
}
