import { isObject } from '../kernel/json.ts';
/** What of something foreign is fit for a log: of which kind it says it is, and the names of its fields. */
export interface Seen {
  /** `name=value` of the fields that senders tell the kind of an event by, joined by spaces. */
  readonly says: string;
  /** Names at the top, joined by commas. */
  readonly keys: string;
}

/** Fields whose values are words of the sender's documentation, and neither names nor secrets of the user. */
const KINDS: ReadonlySet<string> = new Set([
  ...['type', 'action', 'event', 'event_type', 'eventType', 'eventName', 'kind', 'domain', 'specversion'],
  ...['detail-type', 'action-type', 'result', 'sync-status', 'scan-status', 'target-storage-class'],
  ...['source', 'mediaType', 'package_type', 'object_kind', 'event_name', 'failure-code'],
]);
const MOST = { names: 16, kinds: 8, depth: 3 };

/**
 * A word: no longer than words of protocols are, so that no key, token or digest passes for one. What stands between
 * them is as in media types and names of events.
 */
const WORD = /^[$@_]?[A-Za-z0-9]{1,31}(?:[._:/@$+-][A-Za-z0-9]{1,31}){0,8}$/;
const LONGEST = 80;

/** Letters of both cases and digits in one: as keys are, and hardly a word. */
const isMixed = (text: string): boolean =>
  text.length >= 16 && /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text);

const wordOf = (text: string): string =>
  text !== '' && text.length <= LONGEST && WORD.test(text) && !isMixed(text) ? text : '…';

/** EventBridge alone has spaces in the kinds of its events. */
const kindOf = (name: string, said: string): string =>
  `${name}=${name === 'detail-type' ? said.split(' ', 6).map(wordOf).join(' ') : wordOf(said)}`;

/** The kinds that are said in it, in an object within, or in the first of a list. */
function* kindsIn(value: unknown, depth: number): Generator<string> {
  if (depth > MOST.depth) return;
  if (Array.isArray(value)) return yield* kindsIn(value[0], depth + 1);
  if (!isObject(value)) return;
  const entries = Object.entries(value).slice(0, MOST.names);
  for (const [name, said] of entries) {
    if (KINDS.has(name) && typeof said === 'string') yield kindOf(name, said);
  }
  for (const [, inner] of entries) yield* kindsIn(inner, depth + 1);
}

function keysOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length}] ${keysOf(value[0])}`.trimEnd();
  if (!isObject(value)) return value === undefined ? '' : value === null ? 'null' : typeof value;
  const names = Object.keys(value);
  const shown = [...new Set(names.slice(0, MOST.names).map(wordOf))].join(',');
  return names.length > MOST.names ? `${shown},…` : shown;
}

/** `headers` are those that say the kind of event, given by their names. Its size does not depend on what was sent. */
export function whatWasSeen(value: unknown, headers: Readonly<Record<string, string>> = {}): Seen {
  const inHeaders = Object.entries(headers).map(([name, said]) => `${name}=${wordOf(said)}`);
  const said = new Set([...inHeaders, ...kindsIn(value, 0)]);
  return { says: [...said].slice(0, MOST.kinds).join(' '), keys: keysOf(value) };
}
