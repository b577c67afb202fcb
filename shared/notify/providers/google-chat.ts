import * as z from 'zod';
import { secret } from '../../credentials/secret-schema.ts';
import type { Notification } from '../notification.ts';
import { postJson } from './answer.ts';
import type { Provider } from './provider.ts';
import { cut, escapedAngles, mark, shownFacts } from './words.ts';

/** A message may have 32,000 bytes. @see https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages */
const TEXT = 4_000;
const VALUE = 1_000;

/**
 * A card: its texts are HTML, in which whatever somebody wrote is escaped, and nobody is mentioned. One thread for each
 * subject.
 * @see https://developers.google.com/workspace/chat/api/reference/rest/v1/cards
 */
function googleChatMessage(notification: Notification): Record<string, unknown> {
  const html = (text: string, characters: number): string =>
    escapedAngles(cut(text, characters)).replaceAll('\n', '<br>');
  const widgets = [
    ...(notification.text === '' ? [] : [{ textParagraph: { text: html(notification.text, TEXT) } }]),
    ...shownFacts(notification).map(([name, value]) => ({
      decoratedText: { topLabel: name, text: html(value, VALUE), wrapText: true },
    })),
  ];
  const title = `${mark(notification)} ${notification.title}`;
  return {
    fallbackText: cut(title, TEXT),
    thread: { threadKey: notification.subject },
    cardsV2: [
      {
        cardId: 'landfall',
        card: {
          header: { title: cut(title, 200) },
          ...(widgets.length > 0 && { sections: [{ widgets }] }),
        },
      },
    ],
  };
}

/** Where a thread is given that is not there, a new one is begun. */
function threaded(address: string): string {
  const url = URL.parse(address);
  if (url === null) return address;
  url.searchParams.set('messageReplyOption', 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD');
  return url.href;
}

export const googleChatSettings = z.object({
  url: secret.meta({ description: 'Of the webhook of a space; it is a secret' }),
});

export const googleChatProvider: Provider<typeof googleChatSettings> = {
  type: 'google-chat',
  send: async (notification, { url }, deps) => {
    const address = threaded(await deps.secret(url));
    await postJson('google-chat', { url: address, body: googleChatMessage(notification) }, deps);
  },
};
