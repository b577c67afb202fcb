import * as z from 'zod/mini';
import { type CloudEvent, cloudEventsOf } from './cloud-event.ts';
import { parsePackageUrl } from './package-url.ts';
import { pushHint } from './push-hint.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';
import { standardSignature } from './standard-webhook.ts';
import { isBearer } from './static-secret.ts';

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

/**
 * CloudEvents `container.image.push` and `com.amazon.ecr.image.push`, and CDEvents of artifacts that were published or
 * packaged: signed as the generic receiver has it, or with the secret as a bearer.
 * @see https://github.com/cdevents/spec/blob/v0.4.1/core.md#artifact
 */
export function cloudEventsReceiver({ secret, clock }: ReceiverOptions): Receiver {
  const isSigned = standardSignature(secret, clock);
  return {
    authenticate: (request) => isBearer(request, secret) || isSigned(request),
    parse: (request) => cloudEventsOf(request).flatMap(hintOf),
  };
}
