import * as z from 'zod/mini';
import { onlyHeader, type WebhookWithBody } from '../webhook.ts';
import { isHexSignature } from './auth/body-signature.ts';
import { distinctHints, pushHint } from './hints/push-hint.ts';
import { parseWebhookJson, unreadablePush, unwrapForm } from './hints/webhook-json.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';

const EVENTS: ReadonlySet<unknown> = new Set(['package', 'registry_package']);
const ACTIONS: ReadonlySet<string> = new Set(['published', 'updated', 'create']);
const CONTAINERS: ReadonlySet<unknown> = new Set(['container', 'docker']);

const text = z.catch(z.optional(z.string()), undefined);
const version = z.object({
  version: text,
  name: text,
  package_url: text,
  container_metadata: z.catch(
    z.optional(z.object({ tag: z.catch(z.optional(z.object({ name: text, digest: text })), undefined) })),
    undefined,
  ),
});
const published = z.object({
  name: z.string(),
  namespace: text,
  owner: z.catch(z.optional(z.object({ login: text })), undefined),
  package_type: text,
  ecosystem: text,
  package_version: z.catch(z.optional(version), undefined),
});
const event = z.object({
  action: z.string(),
  package: z.optional(z.unknown()),
  registry_package: z.optional(z.unknown()),
});

type Published = z.infer<typeof published>;

/** `ghcr.io/owner/name:tag`, where the tag may be missing behind its colon. Scheme and host are of no interest. */
function pathOf(packageUrl: string): { readonly repository: string; readonly tag: string } | undefined {
  const [, repository, tag = ''] = /^(?:https?:\/\/)?[^/]+\/([^:@]+)(?::([^@]*))?/.exec(packageUrl) ?? [];
  return repository === undefined ? undefined : { repository, tag };
}

/**
 * A package's owner is in `owner.login`; `namespace` is the owner, or owner and repository; and the URL has the whole
 * path, where it is filled in. All are tried: a name that nobody watches costs nothing.
 */
function hintsOf({ name, namespace, owner, package_version }: Published): readonly PushHint[] {
  const fromUrl = pathOf(package_version?.package_url ?? '');
  const names = [owner?.login, namespace].flatMap((at) => (at === undefined ? [] : [`${at}/${name}`]));
  const { tag } = package_version?.container_metadata ?? {};
  // Of a new package this is the digest, of an old registry_package the tag.
  const id = package_version?.version ?? package_version?.name;
  const named = [tag?.name, fromUrl?.tag, id].find((each) => each !== undefined && each !== '');
  const repositories = [...(fromUrl === undefined ? [] : [fromUrl.repository]), ...names];
  return distinctHints(
    repositories.map((each) => pushHint(each, named, pushHint(each, tag?.digest, id).digest)),
  );
}

const isContainer = ({ package_type, ecosystem, package_version }: Published): boolean =>
  CONTAINERS.has(package_type?.toLowerCase()) ||
  CONTAINERS.has(ecosystem?.toLowerCase()) ||
  package_version?.container_metadata !== undefined;

function parse(request: WebhookWithBody): readonly PushHint[] {
  // A ping, and whatever else an organization's hook is told of.
  if (!EVENTS.has(onlyHeader(request, 'x-github-event'))) return [];
  const envelope = event.safeParse(parseWebhookJson(unwrapForm(request))).data;
  if (envelope === undefined) throw unreadablePush('GitHub');
  if (!ACTIONS.has(envelope.action)) return [];
  const { data } = published.safeParse(envelope.package ?? envelope.registry_package);
  if (data === undefined) throw unreadablePush('GitHub');
  return isContainer(data) ? hintsOf(data) : [];
}

/**
 * GitHub's container registry, by a webhook of the repository or organization: HMAC-SHA256 over the body as it was
 * sent. The SHA-1 of old is not looked at.
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export const ghcrReceiver = ({ secret }: ReceiverOptions): Receiver => ({
  authenticate: (request) =>
    isHexSignature(onlyHeader(request, 'x-hub-signature-256'), {
      body: request.body,
      secret,
      prefix: 'sha256=',
    }),
  parse,
});
