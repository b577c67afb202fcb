import type { FactName, Notification } from '../notification.ts';

/** What is worth a line of its own, in this order. */
const SHOWN: readonly FactName[] = ['revision', 'previous', 'commit', 'next', 'by', 'attempts', 'duration'];

/** Cut where a provider takes no more, and said so; never in the middle of a character. */
export function cut(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return `${text.slice(0, Math.max(0, characters - 1)).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Facts that people read, with what the entry adds; `source` and the like are in the title. */
export const shownFacts = ({ facts }: Notification): readonly (readonly [name: string, value: string])[] =>
  [...SHOWN, ...Object.keys(facts).filter((name) => name.startsWith('x-'))].flatMap((name) => {
    const value = facts[name];
    return value === undefined ? [] : [[name.replace(/^x-/, ''), value] as const];
  });

/** As plain text, for what has no other form. */
export const plainText = (notification: Notification): string =>
  [
    notification.title,
    ...(notification.text === '' ? [] : ['', notification.text]),
    '',
    ...shownFacts(notification).map(([name, value]) => `${name}: ${value}`),
    `at: ${notification.at}`,
  ].join('\n');

const MARKS = { failing: '🔴', well: '🟢', pending: '🟡', news: '🔵' } as const;

/** So that a list is read at a glance. */
export const mark = ({ state }: Notification): string => MARKS[state];

const COLOURS = { failing: 0xd92d20, well: 0x12b76a, pending: 0xf79009, news: 0x2e90fa } as const;

export const colour = ({ state }: Notification): number => COLOURS[state];

/** `&`, `<` and `>`: what Slack and HTML read. */
export const escapedAngles = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Whatever Markdown may read as more than text; `@` with a zero-width space, so that nobody is called. */
export const escapedMarkdown = (text: string): string =>
  text.replace(/[\\`*_{}[\]()#+\-.!|~<>]/g, (char) => `\\${char}`).replaceAll('@', '@\u200b');
