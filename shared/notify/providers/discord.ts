import * as z from 'zod';
import { secret } from '../../credentials/secret-schema.ts';
import { NOTIFY_USER_CHARACTERS } from '../../limits.ts';
import type { Notification } from '../notification.ts';
import { notifyUnavailable, providerFailure } from './answer.ts';
import type { Provider } from './provider.ts';
import { colour, cut, escapedMarkdown, mark, shownFacts } from './words.ts';

/** All of an embed together is 6,000. @see https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const LIMITS = { title: 256, description: 2_000, name: 256, value: 400 } as const;

const discordMessage = (notification: Notification): Record<string, unknown> => ({
  allowed_mentions: { parse: [] },
  embeds: [
    {
      title: cut(`${mark(notification)} ${escapedMarkdown(notification.title)}`, LIMITS.title),
      description: cut(escapedMarkdown(notification.text), LIMITS.description),
      color: colour(notification),
      timestamp: notification.at,
      fields: shownFacts(notification).map(([name, value]) => ({
        name: cut(name, LIMITS.name),
        value: cut(escapedMarkdown(value), LIMITS.value),
        inline: false,
      })),
    },
  ],
});

/** Discord says in the body how many seconds to wait, to the millisecond. */
const waitIn = (body: string): number | undefined => {
  const seconds = /"retry_after"\s*:\s*([0-9]+(?:\.[0-9]+)?)/.exec(body)?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
};

export const discordSettings = z.object({
  url: secret.meta({ description: 'Of the webhook of a channel; it is a secret' }),
  username: z.string().min(1).max(NOTIFY_USER_CHARACTERS).exactOptional(),
});

export const discordProvider: Provider<typeof discordSettings> = {
  type: 'discord',
  send: async (notification, { url, username }, deps) => {
    const address = await deps.secret(url);
    const body = { ...discordMessage(notification), ...(username !== undefined && { username }) };
    const headers = { 'content-type': 'application/json' };
    const answer = await deps.http({ method: 'POST', url: address, headers, body: JSON.stringify(body) });
    if (answer.status >= 200 && answer.status < 300) return;
    const wait = answer.status === 429 ? waitIn(answer.body) : undefined;
    const failure = providerFailure('discord', address, answer);
    throw wait === undefined ? failure : notifyUnavailable(failure.message, wait);
  },
};
