import * as z from 'zod/mini';
import { isObject, parseObject } from '../../kernel/json.ts';
import { onlyHeader, type WebhookWithBody } from '../webhook.ts';
import { isHexSignature } from './auth/body-signature.ts';
import { isInHeader } from './auth/static-secret.ts';
import { pushHint } from './hints/push-hint.ts';
import { parseWebhookJson } from './hints/webhook-json.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';

const HEADER = 'x-jfrog-event-auth';
const PUSHES: ReadonlySet<string> = new Set([
  ...['docker pushed', 'docker promoted'],
  ...['artifact deployed', 'artifact cached'],
]);
/** They name the repository and path that it was at. */
const TRANSFERS: ReadonlySet<string> = new Set(['artifact copied', 'artifact moved']);
/** What a manifest is called where Artifactory keeps it, in a folder that is named as the tag. */
const MANIFESTS: ReadonlySet<string> = new Set(['manifest.json', 'list.manifest.json']);

const event = z.object({ domain: z.string(), event_type: z.string(), data: z.unknown() });
/** Its documentation of domain Docker has the data alone, which only that domain names an image in. */
const bare = z.object({ event_type: z.string(), image_name: z.string() });
const file = z.object({
  repo_key: z.string(),
  path: z.string(),
  name: z.string(),
  tag: z.nullish(z.string()),
  sha256: z.nullish(z.string()),
});
const transfer = z.object({ target_repo_path: z.string() });

interface Place {
  readonly repo_key: string;
  readonly path: string;
}

/** Where it is now: in full, `repository/image/tag/manifest.json`, or by the repository alone, at the path it had. */
function targetOf(data: unknown, path: string): Place | undefined {
  const [repo_key, ...rest] = transfer.safeParse(data).data?.target_repo_path.split('/') ?? [];
  if (repo_key === undefined || repo_key === '') return undefined;
  return { repo_key, path: rest.length === 0 ? path : rest.join('/') };
}

function placeOf(kind: string, data: z.infer<typeof file>, told: unknown): Place | undefined {
  if (TRANSFERS.has(kind)) return targetOf(told, data.path);
  return PUSHES.has(kind) ? data : undefined;
}

/** What happened, and to what. JFrog's page on domain Artifact has each event in a wrapper, and its data as text. */
function toldIn(body: Uint8Array): { readonly kind: string; readonly data: unknown } | undefined {
  const sent = parseWebhookJson(body);
  const parsed = isObject(sent) ? (sent['event'] ?? sent) : sent;
  const { data: told } = event.safeParse(parsed);
  if (told !== undefined) {
    const { domain, event_type, data } = told;
    return { kind: `${domain} ${event_type}`, data: typeof data === 'string' ? parseObject(data) : data };
  }
  const { data: alone } = bare.safeParse(parsed);
  return alone && { kind: `docker ${alone.event_type}`, data: parsed };
}

/** What a remote repository has fetched is in its cache, and is pulled by the name of the repository. */
const namesOf = (repoKey: string): readonly string[] => [
  ...new Set([repoKey, repoKey.replace(/(?<=.)-cache$/, '')]),
];

/** `image/name/tag/manifest.json` in the repository `repo_key`, which is how the path of a repository begins. */
function parse({ body }: WebhookWithBody): readonly PushHint[] {
  const told = toldIn(body);
  const { data } = file.safeParse(told?.data);
  if (told === undefined || data === undefined) return [];
  const { name, tag, sha256 } = data;
  const place = placeOf(told.kind, data, told.data);
  if (place === undefined || !MANIFESTS.has(name)) return [];
  const folders = place.path.split('/').slice(0, -1);
  const folder = folders.pop();
  if (folders.length === 0) return [];
  const digest = typeof sha256 === 'string' ? `sha256:${sha256}` : undefined;
  return namesOf(place.repo_key).map((key) => pushHint([key, ...folders].join('/'), tag ?? folder, digest));
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
