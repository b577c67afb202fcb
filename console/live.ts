import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Clock } from '../shared/clock.ts';
import { CONSOLE_STREAMS } from '../shared/limits.ts';
import type { Snapshots } from './facts/snapshots.ts';

interface LiveDeps {
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const LIVE_MS = 2_000;

/** Tells that something changed, and nothing of what: the page is asked for again. */
export function liveRoutes({ snapshots, clock, signal }: LiveDeps): Hono {
  let streams = 0;
  const stream = (context: Context) =>
    streamSSE(context, async (out) => {
      streams += 1;
      out.onAbort(() => undefined);
      try {
        while (!out.aborted && !signal.aborted) {
          const { mark, runsMark } = await snapshots.now();
          await out.writeSSE({ event: 'mark', data: `${mark} ${runsMark}` });
          await clock.sleep(LIVE_MS, signal);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        streams -= 1;
      }
    });
  return new Hono().get('/live', (context) => {
    // Its body would be read by nobody, and the stream never end.
    if (context.req.method === 'HEAD') return context.body(null, 200);
    if (streams >= CONSOLE_STREAMS) return context.text('too many pages are open\n', 503);
    context.header('x-accel-buffering', 'no');
    return stream(context);
  });
}
