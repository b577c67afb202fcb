import type { Command } from 'commander';
import { LandfallError } from '../../shared/errors.ts';
import type { EventFilter } from '../../shared/event/event-filter.ts';
import type { DetailType } from '../../shared/model/detail-type.ts';
import { DETAIL_TYPES } from '../../shared/model/parse-event.ts';
import { durationOption } from './deadline.ts';
import { parseSourceId } from './store-options.ts';

export interface EventOptions {
  readonly source?: string;
  readonly since?: string;
  readonly type?: readonly string[];
  readonly limit?: string;
}

const repeated = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text,
];

export const addEventOptions = (command: Command): Command =>
  command
    .option('--source <source>', 'only of this source')
    .option(
      '--since <when>',
      'only since then: a duration before now, e.g. 2h, or a time, e.g. 2026-12-01T08:00:00Z',
    )
    .option('--type <type>', 'only of this type, e.g. deploy-failed; repeatable', repeated)
    .option('-n, --limit <n>', 'only the newest so many');

const ofWords = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');

/** `deploy-failed`, `Deploy Failed`. @throws LandfallError USAGE */
function parseType(text: string): DetailType {
  const type = DETAIL_TYPES.find((each) => ofWords(each) === ofWords(text));
  if (type !== undefined) return type;
  throw new LandfallError('USAGE', `--type ${JSON.stringify(text)} is no type of an event`, {
    hint: `Types are: ${DETAIL_TYPES.map(ofWords).join(', ')}`,
  });
}

const TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** Milliseconds since the epoch. @throws LandfallError USAGE */
function parseSince(text: string, now: number): number {
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  return now - durationOption('--since', days === undefined ? text : `${Number(days) * 24}h`);
}

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count > 0) return count;
  throw new LandfallError('USAGE', `--limit ${JSON.stringify(text)} is not a number from 1`, {
    hint: 'E.g. -n 20',
  });
}

/** @throws LandfallError USAGE */
export const eventFilter = (
  { source, since, type, limit }: EventOptions,
  now: number,
): EventFilter & { readonly last?: number } => ({
  ...(source !== undefined && { source: parseSourceId(source) }),
  ...(since !== undefined && { sinceMs: parseSince(since, now) }),
  ...(type !== undefined && { types: type.map(parseType) }),
  ...(limit !== undefined && { last: parseCount(limit) }),
});
