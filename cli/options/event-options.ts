import type { Command } from 'commander';
import { LandfallError } from '../../shared/errors.ts';
import type { EventFilter } from '../../shared/event/event-filter.ts';
import { matchesGlob, parseGlob } from '../../shared/glob/glob.ts';
import type { DetailType } from '../../shared/model/detail-type.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import { DETAIL_TYPES } from '../../shared/model/parse-event.ts';
import { durationOption } from './deadline.ts';
import { namespaceOf } from './namespace-option.ts';
import { parseSourceId } from './source-id.ts';

export interface EventOptions {
  readonly source?: string;
  readonly since?: string;
  readonly type?: readonly string[];
  readonly limit?: string;
  readonly namespace?: string;
}

const repeated = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text,
];

export const addEventOptions = (command: Command): Command =>
  command
    .option('--source <source>', 'only of this source, or of those that a glob matches: "web/*"')
    .option(
      '--since <when>',
      'only since then: a duration before now, e.g. 2h, or a time, e.g. 2026-12-01T08:00:00Z',
    )
    .option(
      '--type <type>',
      'only of this type, e.g. deploy-failed, or of a glob: "deploy-*"; repeatable',
      repeated,
    )
    .option('--namespace <namespace>', 'only of this namespace')
    .option('--limit <n>', 'only the newest so many')
    .option('-n <n|namespace>', 'a number is a --limit, a word a --namespace')
    .on('option:n', (text: string) => {
      command.setOptionValue(/^\d/.test(text) ? 'limit' : 'namespace', text);
    });

const ofWords = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');

/** `deploy-failed`, `Deploy Failed`, `deploy-*`. @throws LandfallError USAGE */
function parseTypes(text: string): readonly DetailType[] {
  const types = DETAIL_TYPES.filter((each) => matchesGlob(ofWords(text), ofWords(each)));
  if (types.length > 0) return types;
  throw new LandfallError('USAGE', `--type ${JSON.stringify(text)} is no type of an event`, {
    hint: `Types are: ${DETAIL_TYPES.map(ofWords).join(', ')}`,
  });
}

const TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** When `--since` begins, in milliseconds since the epoch. @throws LandfallError USAGE */
export function parseSince(text: string, now: number): number {
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

/** A part of a glob that stands for itself alone. */
const PLAIN = /^[\w.-]+$/;

/** `web/*`, `*`: a glob over sources, in the namespace given where it names none. @throws LandfallError USAGE */
function parseSources(
  text: string,
  namespace: string | undefined,
): Pick<EventFilter, 'source' | 'isOfSource' | 'texts'> {
  if (!text.includes('*')) return { source: parseSourceId(text, namespace) };
  const glob = parseGlob(text.includes('/') ? text : `${namespace ?? '*'}/${text}`);
  const texts = glob.text.split('/').filter((part) => PLAIN.test(part));
  return { texts, isOfSource: (source) => glob.matches(formatSourceId(source)) };
}

/** @throws LandfallError USAGE */
export function eventFilter(
  { source, since, type, limit, namespace }: EventOptions,
  now: number,
): EventFilter & { readonly last?: number } {
  const only = namespaceOf({ ...(namespace !== undefined && { namespace }) });
  const all =
    only === undefined ? undefined : { texts: [only], isOfSource: (id: SourceId) => id.namespace === only };
  return {
    ...(source === undefined ? all : parseSources(source, only)),
    ...(since !== undefined && { sinceMs: parseSince(since, now) }),
    ...(type !== undefined && { types: [...new Set(type.flatMap(parseTypes))] }),
    ...(limit !== undefined && { last: parseCount(limit) }),
  };
}
