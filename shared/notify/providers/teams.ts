import * as z from 'zod';
import { secret } from '../../credentials/secret-schema.ts';
import type { Notification } from '../notification.ts';
import { notifyRefused, postJson } from './answer.ts';
import type { Provider } from './provider.ts';
import { cut, escapedMarkdown, mark, shownFacts } from './words.ts';

/** Teams takes 28 KB after additions of its own. @see https://github.com/MicrosoftDocs/msteams-docs/issues/11274 */
const TEXT = 4_000;
const VALUE = 1_000;

const STYLES = { failing: 'attention', well: 'good', pending: 'warning', news: 'accent' } as const;

/**
 * An Adaptive Card, of the newest version that Teams shows.
 * @see https://adaptivecards.io/explorer/AdaptiveCard.html
 */
function teamsMessage(notification: Notification): Record<string, unknown> {
  const { title, text, state } = notification;
  const block = (value: string, more: Readonly<Record<string, unknown>>) => {
    const words = { type: 'TextBlock', text: escapedMarkdown(cut(value, TEXT)), wrap: true };
    return { ...words, ...more };
  };
  const facts = shownFacts(notification).map(([name, value]) => ({
    title: name,
    value: escapedMarkdown(cut(value, VALUE)),
  }));
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      {
        type: 'Container',
        style: STYLES[state],
        items: [block(`${mark(notification)} ${title}`, { weight: 'bolder', size: 'medium' })],
      },
      ...(text === '' ? [] : [block(text, {})]),
      ...(facts.length === 0 ? [] : [{ type: 'FactSet', facts }]),
    ],
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

export const teamsSettings = z.object({
  url: secret.meta({ description: 'Of the workflow; it is a secret' }),
});

/** A workflow of Teams that begins with a webhook. Office connectors were switched off. */
export const teamsProvider: Provider<typeof teamsSettings> = {
  type: 'teams',
  send: async (notification, { url }, deps) => {
    const address = await deps.secret(url);
    if (/\.webhook\.office\.com$/i.test(URL.parse(address)?.hostname ?? ''))
      throw notifyRefused(
        'teams: Office connectors are no more',
        'Make a workflow "Post to a channel when a webhook request is received", and give its URL.',
      );
    await postJson('teams', { url: address, body: teamsMessage(notification) }, deps);
  },
};
