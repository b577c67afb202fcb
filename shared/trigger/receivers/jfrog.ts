import * as z from 'zod/mini';
import { onlyHeader, type WebhookWithBody } from '../webhook.ts';
import { isHexSignature } from './body-signature.ts';
import { pushHint } from './push-hint.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';
import { isInHeader } from './static-secret.ts';
import { parseWebhookJson } from './webhook-json.ts';

const HEADER = 'x-jfrog-event-auth';
const PUSHES: ReadonlySet<string> = new Set(['docker pushed', 'docker promoted', 'artifact deployed']);
/** What a manifest is called where Artifactory keeps it, in a folder that is named as the tag. */
const MANIFESTS: ReadonlySet<string> = new Set(['manifest.json', 'list.manifest.json']);

const event = z.object({ domain: z.string(), event_type: z.string(), data: z.unknown() });
const file = z.object({
  repo_key: z.string(),
  path: z.string(),
  name: z.string(),
  tag: z.nullish(z.string()),
  sha256: z.nullish(z.string()),
});

/** `image/name/tag/manifest.json` in the repository `repo_key`, which is how the path of a repository begins. */
function parse({ body }: WebhookWithBody): readonly PushHint[] {
  const { data: told } = event.safeParse(parseWebhookJson(body));
  const { data } = file.safeParse(told?.data);
  if (told === undefined || data === undefined) return [];
  const { repo_key, path, name, tag, sha256 } = data;
  if (!PUSHES.has(`${told.domain} ${told.event_type}`) || !MANIFESTS.has(name)) return [];
  const folders = path.split('/').slice(0, -1);
  const folder = folders.pop();
  if (folders.length === 0) return [];
  return [
    pushHint(
      [repo_key, ...folders].join('/'),
      tag ?? folder,
      typeof sha256 === 'string' ? `sha256:${sha256}` : undefined,
    ),
  ];
}

/**
 * JFrog Artifactory's webhooks: the secret in a header, or what it signed the body with. Which of the two is a
 * setting there and here: a secret that is sent is no signature.
 * @see https://jfrog.com/help/r/jfrog-platform-administration-documentation/webhooks
 */
export const jfrogReceiver = ({ entry, secret }: ReceiverOptions<'jfrog'>): Receiver => ({
  authenticate: (request) =>
    entry.signed === true
      ? isHexSignature(onlyHeader(request, HEADER), { body: request.body, secret })
      : isInHeader(request, HEADER, secret),
  parse,
});
