import { printableLine } from './printable.ts';

/** What a log line may carry: facts, never bytes or secrets. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Takes one line. What it says is a fixed sentence; what varies is in the fields. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface LogOptions {
  readonly format: 'json' | 'text';
  readonly level: LogLevel;
  readonly now: () => number;
  readonly write: (line: string) => void;
  /** Takes out secrets; default: there are none. */
  readonly mask?: (text: string) => string;
}

/** userinfo and query strings are where URLs hide secrets: presigned links, tokens. */
const redact = (text: string): string =>
  text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@]*@/gi, '$1')
    .replace(/(https?:\/\/[^\s?#"']+)\?[^\s"']*/gi, '$1?…');

const clean = (value: LogFields[string], mask: (text: string) => string): LogFields[string] =>
  typeof value === 'string' ? mask(redact(value)) : value;

function textLine(level: LogLevel, message: string, fields: LogFields): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' && /[\s"=\p{C}]/u.test(value) ? JSON.stringify(value) : value}`,
    );
  return [
    level === 'info' ? '' : `${level.toUpperCase()} `,
    message,
    ...(pairs.length > 0 ? ['  ', pairs.join(' ')] : []),
  ].join('');
}

/** A logger that writes one line a fact: JSON for machines, text for a terminal. What varies cannot end a line or steer a terminal. */
export function createLog({ format, level: least, now, write, mask = String }: LogOptions): Log {
  return (level, message, fields = {}) => {
    if (RANK[level] < RANK[least]) return;
    const cleaned = Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, clean(value, mask)]),
    );
    const time = new Date(now()).toISOString();
    const line =
      format === 'json'
        ? JSON.stringify({ time, level, message, ...cleaned })
        : `${time.slice(11, 19)} ${textLine(level, message, cleaned)}`;
    write(printableLine(line));
  };
}

export const silentLog: Log = () => {};
