import { createHmac } from 'node:crypto';
import type { Heard, Script, ScriptedAnswer } from './scripted-provider.ts';

type Json = Readonly<Record<string, unknown>>;

const ok = (body = ''): ScriptedAnswer => ({ status: 200, body });
const refused = (body: string, status = 400): ScriptedAnswer => ({ status, body });

/** The body as a JSON object; undefined where it is none, or is not said to be. */
function jsonOf({ headers, body }: Heard): Json | undefined {
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) return undefined;
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

const lengthOf = (value: unknown): number => (typeof value === 'string' ? value.length : 0);
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

/**
 * Incoming webhooks: `ok`, or the error in words. Sections: text 1 to 3,000, at most ten fields of 2,000; 50 blocks.
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
 * @see https://docs.slack.dev/reference/block-kit/blocks/section-block
 */
export const slackScript: Script = (heard) => {
  const message = jsonOf(heard);
  if (message === undefined) return refused('invalid_payload');
  const attachments = listOf(message['attachments']);
  if (lengthOf(message['text']) === 0 && attachments.length === 0) return refused('no_text');
  for (const block of attachments.flatMap((each) => listOf(each['blocks']))) {
    const texts = [block['text'], ...listOf(block['fields'])].filter((each) => each !== undefined) as Json[];
    const isGood =
      texts.length > 0 &&
      listOf(block['fields']).length <= 10 &&
      texts.every(
        (each) => ['plain_text', 'mrkdwn'].includes(String(each['type'])) && lengthOf(each['text']) > 0,
      ) &&
      lengthOf((block['text'] as Json | undefined)?.['text']) <= 3000 &&
      listOf(block['fields']).every((each) => lengthOf(each['text']) <= 2000);
    if (!isGood) return refused('invalid_blocks');
  }
  return ok('ok');
};

/**
 * A workflow takes a message with Adaptive Cards, of 28 KB, and answers 202 before it has posted it.
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
export const teamsScript: Script = (heard) => {
  const message = jsonOf(heard);
  const [attachment] = listOf(message?.['attachments']);
  const card = attachment?.['content'] as Json | undefined;
  if (Buffer.byteLength(heard.body) > 28 * 1024) return refused('RequestEntityTooLarge', 413);
  if (message?.['type'] !== 'message' || card?.['type'] !== 'AdaptiveCard')
    return refused('TriggerInputSchemaMismatch');
  if (attachment?.['contentType'] !== 'application/vnd.microsoft.card.adaptive') return refused('BadRequest');
  if (!/^1\.[0-4]$/.test(String(card['version'])) || listOf(card['body']).length === 0)
    return refused('BadRequest');
  return { status: 202 };
};

/**
 * Execute Webhook: 204; 400 with code 50035 for what is too long.
 * @see https://discord.com/developers/docs/resources/webhook#execute-webhook
 * @see https://discord.com/developers/docs/resources/message#embed-object-embed-limits
 */
export const discordScript: Script = (heard) => {
  const message = jsonOf(heard);
  const embeds = listOf(message?.['embeds']);
  const invalid = refused(JSON.stringify({ code: 50035, message: 'Invalid Form Body' }));
  if (message === undefined || (embeds.length === 0 && lengthOf(message['content']) === 0)) return invalid;
  if (embeds.length > 10) return invalid;
  let all = 0;
  for (const embed of embeds) {
    const fields = listOf(embed['fields']);
    if (lengthOf(embed['title']) > 256 || lengthOf(embed['description']) > 4096 || fields.length > 25)
      return invalid;
    const isBad = (field: Json): boolean =>
      lengthOf(field['name']) === 0 ||
      lengthOf(field['name']) > 256 ||
      lengthOf(field['value']) === 0 ||
      lengthOf(field['value']) > 1024;
    if (fields.some(isBad)) return invalid;
    all += lengthOf(embed['title']) + lengthOf(embed['description']);
    all += fields.reduce((sum, field) => sum + lengthOf(field['name']) + lengthOf(field['value']), 0);
  }
  const mentions = message['allowed_mentions'] as Json | undefined;
  return all > 6000 || listOf(mentions?.['parse']).length > 0 ? invalid : { status: 204 };
};

/**
 * spaces.messages.create by a webhook: cardsV2 with cards of sections of widgets.
 * @see https://developers.google.com/workspace/chat/quickstart/webhooks
 * @see https://developers.google.com/workspace/chat/api/reference/rest/v1/cards
 */
export const googleChatScript: Script = (heard) => {
  const message = jsonOf(heard);
  const invalid = refused(JSON.stringify({ error: { code: 400, status: 'INVALID_ARGUMENT' } }));
  if (message === undefined || Buffer.byteLength(heard.body) > 32_000) return invalid;
  const known = ['text', 'cardsV2', 'thread', 'fallbackText'];
  if (Object.keys(message).some((key) => !known.includes(key))) return invalid;
  for (const { cardId, card } of listOf(message['cardsV2'])) {
    const { header, sections } = card as Json;
    if (lengthOf(cardId) === 0 || lengthOf((header as Json)['title']) === 0) return invalid;
    for (const widget of listOf(sections).flatMap((section) => listOf(section['widgets'])))
      if (Object.keys(widget).some((key) => !['textParagraph', 'decoratedText'].includes(key)))
        return invalid;
  }
  return ok('{"name":"spaces/x/messages/y"}');
};

/**
 * Events API v2: 202 with the key; 400 where a field is missing or no value of it.
 * @see https://developer.pagerduty.com/docs/send-alert-event
 */
export const pagerdutyScript: Script = (heard) => {
  const event = jsonOf(heard);
  const invalid = (why: string) => refused(JSON.stringify({ status: 'invalid event', errors: [why] }));
  if (event === undefined) return invalid('not JSON');
  if (lengthOf(event['routing_key']) !== 32) return invalid('routing_key');
  const { event_action: action, dedup_key: key, payload } = event;
  if (!['trigger', 'acknowledge', 'resolve'].includes(String(action))) return invalid('event_action');
  if (action !== 'trigger' && lengthOf(key) === 0) return invalid('dedup_key');
  if (lengthOf(key) > 255) return invalid('dedup_key');
  if (action === 'trigger') {
    const { summary, source, severity } = (payload ?? {}) as Json;
    if (lengthOf(summary) === 0 || lengthOf(summary) > 1024 || lengthOf(source) === 0)
      return invalid('payload');
    if (!['critical', 'error', 'warning', 'info'].includes(String(severity))) return invalid('severity');
  }
  return { status: 202, body: JSON.stringify({ status: 'success', dedup_key: key }) };
};

const COMMIT = /^[0-9a-f]{40}$/;

/** @see https://docs.github.com/en/rest/commits/statuses?apiVersion=2022-11-28#create-a-commit-status */
export const githubScript: Script = (heard) => {
  const [, owner, name, sha = ''] = /^\/repos\/([^/]+)\/([^/]+)\/statuses\/([^/]+)$/.exec(heard.path) ?? [];
  if (owner === undefined || name === undefined || !COMMIT.test(sha)) return refused('Not Found', 404);
  if (heard.headers.authorization !== 'Bearer canary-token-0123456789abcdef')
    return refused('Bad credentials', 401);
  if (heard.headers['user-agent'] === undefined)
    return refused('Request forbidden by administrative rules', 403);
  const status = jsonOf(heard);
  if (!['error', 'failure', 'pending', 'success'].includes(String(status?.['state'])))
    return refused('state', 422);
  return lengthOf(status?.['description']) > 140 ? refused('description', 422) : { status: 201, body: '{}' };
};

/** @see https://docs.gitlab.com/api/commits/#set-commit-pipeline-status */
export const gitlabScript: Script = (heard) => {
  const [, project = '', sha = ''] =
    /^\/api\/v4\/projects\/([^/]+)\/statuses\/([^/]+)$/.exec(heard.path) ?? [];
  if (!project.includes('%2F') || !COMMIT.test(sha)) return refused('404 Project Not Found', 404);
  if (heard.headers['private-token'] !== 'canary-token-0123456789abcdef')
    return refused('401 Unauthorized', 401);
  const status = jsonOf(heard);
  const states = ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'];
  if (!states.includes(String(status?.['state']))) return refused('state does not have a valid value');
  return { status: 201, body: '{}' };
};

/** @see https://docs.gitea.com/api/1.24/#tag/repository/operation/repoCreateStatus */
export const giteaScript: Script = (heard) => {
  const [, sha = ''] = /^\/api\/v1\/repos\/[^/]+\/[^/]+\/statuses\/([^/]+)$/.exec(heard.path) ?? [];
  if (!COMMIT.test(sha)) return refused('not found', 404);
  if (heard.headers.authorization !== 'token canary-token-0123456789abcdef')
    return refused('token is required', 401);
  const { state } = jsonOf(heard) ?? {};
  const states = ['pending', 'success', 'error', 'failure', 'warning'];
  return states.includes(String(state)) ? { status: 201, body: '{}' } : refused('state', 422);
};

/** Of a receiver of one's own: the signature is as Flux's generic-hmac has it. @see https://fluxcd.io/flux/components/notification/providers/#generic-webhook-with-hmac */
export const hmacScript =
  (key: string): Script =>
  (heard) => {
    const wanted = `sha256=${createHmac('sha256', key).update(heard.body).digest('hex')}`;
    return heard.headers['x-signature'] === wanted && jsonOf(heard) !== undefined
      ? ok()
      : refused('signature', 401);
  };
