import { LandfallError } from '../../errors.ts';
import { FACTS, type Notification } from '../notification.ts';

const WORDS = ['id', 'subject', 'type', 'state', 'severity', 'title', 'text', 'at'] as const;
const NAMES: readonly string[] = [...WORDS, ...FACTS];
const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Holds a template to what can be filled in. @throws LandfallError CONFIG_INVALID */
export function checkTemplate(template: string): void {
  for (const [whole, name = ''] of template.matchAll(PLACEHOLDER))
    if (!NAMES.includes(name) && !/^x-[a-z0-9-]{1,63}$/.test(name))
      throw new LandfallError(
        'CONFIG_INVALID',
        `template: ${whole.slice(0, 80)} names nothing; there are ${NAMES.join(', ')}`,
      );
}

/**
 * Fills in `{{name}}`, and runs nothing. What is filled in is escaped as a part of a JSON string where the template
 * is JSON, so that no text becomes a key.
 */
export function filledIn(template: string, notification: Notification, isJson: boolean): string {
  const { facts } = notification;
  const words: Readonly<Record<string, string>> = { ...facts, ...wordsOf(notification) };
  return template.replace(PLACEHOLDER, (_, name: string) => {
    const value = Object.hasOwn(words, name) ? (words[name] ?? '') : '';
    return isJson ? JSON.stringify(value).slice(1, -1) : value;
  });
}

const wordsOf = (notification: Notification): Record<string, string> =>
  Object.fromEntries(WORDS.map((name) => [name, notification[name]]));
