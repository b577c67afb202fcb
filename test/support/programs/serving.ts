import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import type { EventEnvelope } from '../../../shared/model/envelope.ts';
import { DETAIL_SCHEMAS } from '../../../shared/model/event-schema.ts';
import { atEnd } from '../at-end.ts';
import { documentOf, type Ended, landfall, PROGRAM } from '../cli.ts';
import { until } from '../until.ts';

export type LogLine = Readonly<Record<string, unknown>>;

/** `bin/landfall serve`, running. */
export interface ServeProcess {
  readonly pid: number;
  /** Where webhooks go. */
  readonly url: string;
  /** Where the console is; undefined before it says so, and where there is none. */
  readonly console: string | undefined;
  readonly log: readonly LogLine[];
  /** The first line of the log that says this, now or later, with these fields. */
  logged(message: string, fields?: LogLine): Promise<LogLine>;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended>;
}

export interface ServeOptions {
  readonly documents: readonly string[];
  readonly store: string;
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function* linesOf(stream: Readable | null): AsyncGenerator<string> {
  yield* createInterface({ input: stream ?? Readable.from([]) });
}

async function keep(stream: Readable | null, lines: string[]): Promise<void> {
  for await (const line of linesOf(stream)) lines.push(line);
}

function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { message: text };
  }
}

async function end(child: ChildProcess, closed: Promise<unknown>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  await closed;
}

const has = (line: LogLine, fields: LogLine): boolean =>
  Object.entries(fields).every(([key, value]) => line[key] === value);

/** Starts it and waits until it says that it serves. It ends with the test. */
export async function startServe(
  t: TestContext,
  { documents, store, argv = ['--listen', '127.0.0.1:0'], env = {} }: ServeOptions,
): Promise<ServeProcess> {
  const files = documents.flatMap((path) => ['-f', path]);
  const child = spawn(PROGRAM, ['serve', ...files, '--store', store, '--log-format', 'json', ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const closed = once(child, 'close');
  atEnd(t, () => end(child, closed, 'SIGKILL'));
  const [out, said]: [string[], string[]] = [[], []];
  void keep(child.stdout, out);
  void keep(child.stderr, said);
  const first = await until('serve to start', () => {
    if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}:\n${said.join('\n')}`);
    return out[0];
  });
  return {
    pid: child.pid ?? Number.NaN,
    url: /^listening on (http:\/\/\S+)$/.exec(first)?.[1] ?? '',
    get console() {
      return out.map((line) => /^console at (\S+)$/.exec(line)?.[1]).find((found) => found !== undefined);
    },
    get log() {
      return said.map(parseLine);
    },
    logged: (message, fields = {}) =>
      until(`the log to say "${message}" ${JSON.stringify(fields)}`, () =>
        said.map(parseLine).find((line) => line['message'] === message && has(line, fields)),
      ),
    end: async (signal) => {
      await end(child, closed, signal);
      const [stdout, stderr] = [out.join('\n'), said.join('\n')];
      return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
    },
  };
}

/** Every event in a store, as `get events --json` prints them; each is as its schema says. */
export async function eventsOf(store: string): Promise<readonly EventEnvelope[]> {
  const argv = ['get', 'events', '--store', store, '--json'];
  const events = documentOf<readonly EventEnvelope[]>(await landfall(argv));
  for (const event of events) DETAIL_SCHEMAS[event['detail-type']].parse(event.detail);
  return events;
}

/** Waits until there are so many events of a kind, and gives those. */
export const eventsOfKind = (
  store: string,
  kind: EventEnvelope['detail-type'],
  count = 1,
): Promise<readonly EventEnvelope[]> =>
  until(`${count} events ${kind}`, async () => {
    const found = (await eventsOf(store)).filter((event) => event['detail-type'] === kind);
    return found.length >= count ? found : undefined;
  });
