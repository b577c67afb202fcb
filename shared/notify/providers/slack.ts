import * as z from 'zod';
import { secret } from '../../credentials/secret-schema.ts';
import { NOTIFY_CHANNEL_CHARACTERS, NOTIFY_USER_CHARACTERS } from '../../limits.ts';
import type { Notification } from '../notification.ts';
import { notifyRefused, notifyUnavailable, postJson } from './answer.ts';
import type { Provider } from './provider.ts';
import { colour, cut, escapedAngles, mark, shownFacts } from './words.ts';

/** @see https://docs.slack.dev/reference/block-kit/blocks/section-block: text 3,000, ten fields of 2,000 */
const TEXT = 2_900;
const FIELD = 1_900;
const FIELDS = 10;

const escaped = (text: string, characters: number): string => cut(escapedAngles(text), characters);

/**
 * Blocks within an attachment, for its colour; `text` is what a phone shows. Slack reads `&`, `<` and `>` as its own:
 * escaped, nobody is mentioned and no link is made.
 * @see https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
function slackMessage(notification: Notification): Record<string, unknown> {
  const title = escaped(`${mark(notification)} ${notification.title}`, TEXT);
  const fields = shownFacts(notification).map(([name, value]) => ({
    type: 'mrkdwn',
    text: `*${escaped(name, 100)}*\n${escaped(value, FIELD)}`,
    verbatim: true,
  }));
  const plain = (text: string) => ({
    type: 'section',
    text: { type: 'plain_text', text: cut(text, TEXT), emoji: false },
  });
  return {
    text: title,
    attachments: [
      {
        color: `#${colour(notification).toString(16).padStart(6, '0')}`,
        fallback: title,
        blocks: [
          ...(notification.text === '' ? [] : [plain(notification.text)]),
          ...(fields.length === 0 ? [] : [{ type: 'section', fields: fields.slice(0, FIELDS) }]),
        ],
      },
    ],
  };
}

const LATER = [
  'rate_limited',
  'ratelimited',
  'service_unavailable',
  'internal_error',
  'fatal_error',
  'rollup_error',
];

export const slackSettings = z.object({
  url: secret.exactOptional().meta({ description: 'Of an incoming webhook; it is a secret' }),
  token: secret.exactOptional().meta({ description: 'Of a bot with chat:write, in place of url' }),
  channel: z.string().min(1).max(NOTIFY_CHANNEL_CHARACTERS).exactOptional(),
  username: z.string().min(1).max(NOTIFY_USER_CHARACTERS).exactOptional(),
});

/** An incoming webhook, or a bot's token and a channel. Mattermost and Rocket.Chat take the first as well. */
export const slackProvider: Provider<typeof slackSettings> = {
  type: 'slack',
  send: async (notification, { url, token, channel, username }, deps) => {
    const message = {
      ...slackMessage(notification),
      ...(channel !== undefined && { channel }),
      ...(username !== undefined && { username }),
    };
    if (url !== undefined) {
      await postJson('slack', { url: await deps.secret(url), body: message }, deps);
      return;
    }
    if (token === undefined || channel === undefined)
      throw notifyRefused('slack: there is neither url nor token with channel', 'Give one of them.');
    const api = 'https://slack.com/api/chat.postMessage';
    const headers = { authorization: `Bearer ${await deps.secret(token)}` };
    const { body } = await postJson('slack', { url: api, headers, body: message }, deps);
    // This method answers 200 whatever became of it.
    const error = /"ok"\s*:\s*true/.test(body)
      ? undefined
      : (/"error"\s*:\s*"([a-z_]{1,64})"/.exec(body)?.[1] ?? 'no answer');
    if (error === undefined) return;
    throw LATER.includes(error) ? notifyUnavailable(`slack: ${error}`) : notifyRefused(`slack: ${error}`);
  },
};
