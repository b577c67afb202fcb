import * as z from 'zod';
import type { Provider } from './provider.ts';
import { cut, plainText } from './words.ts';

/** Printable ASCII, up to 100. @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const SUBJECT = 100;

export const snsSettings = z.object({
  topic: z.string().regex(/^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?$/, {
    error: 'wanted the ARN of a topic',
  }),
  format: z
    .enum(['text', 'json', 'chat'])
    .default('text')
    .meta({ description: 'json: the whole notification; chat: as Amazon Q in chat applications shows it' }),
});

/** A topic of SNS: mail, chat by Amazon Q, whatever subscribes to it. */
export const snsProvider: Provider<typeof snsSettings> = {
  type: 'sns',
  send: async (notification, { topic, format }, deps) => {
    const subject = cut(notification.title.replace(/[^\x20-\x7e]/g, '?'), SUBJECT).replace('…', '.');
    const { title, text, facts, subject: of } = notification;
    // @see https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    const chat = {
      version: '1.0',
      source: 'custom',
      id: notification.id,
      content: { textType: 'client-markdown', title, description: text === '' ? title : text },
      metadata: { threadId: of, summary: title, eventType: notification.type, additionalContext: facts },
    };
    const texts = {
      text: plainText(notification),
      json: JSON.stringify(notification),
      chat: JSON.stringify(chat),
    };
    await deps.publish({ topic, subject, text: texts[format] });
  },
};
