import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isLandfallError, LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';

/** Calls of a port, by name; each with what it needs to be a sound one. */
export type Calls<Port> = Readonly<Record<string, (port: Port, options: CallOptions) => Promise<unknown>>>;

export interface EndedSubject<Port> {
  readonly port: Port;
  /** From here on calls wait for an answer that does not come. Left out: nothing of it can wait. */
  readonly stall?: () => void | Promise<void>;
}

export interface EndedCalls<Port> {
  readonly open: (t: TestContext) => Promise<EndedSubject<Port>>;
  readonly calls: Calls<Port>;
  /** Those that wait once it is stalled. Default: none. */
  readonly waiting?: readonly string[];
  /** Functions of it that are no calls. Default: none. */
  readonly others?: readonly string[];
}

const OVER = new LandfallError('CANCELLED', 'the invocation is over');

/**
 * What every call of a port has to do with its signal: throw its reason, or CANCELLED where that has no code, when it had
 * aborted before the call, and as soon as it does while the call waits.
 */
export function endedCallsSuite<Port>(
  name: string,
  { open, calls, waiting = [], others = [] }: EndedCalls<Port>,
): void {
  // A port that is a class has methods that wait for nothing, too; one that is an object has none but these.
  test(`${name}: every call is held to its signal`, async (t) => {
    const { port } = await open(t);
    const own = Object.entries(port as object).filter(([, value]) => typeof value === 'function');
    const held = new Set([...Object.keys(calls).map((what) => what.split(' ')[0]), ...others]);
    const missing = own.map(([method]) => method).filter((method) => !held.has(method));
    assert.deepEqual(missing, []);
  });

  for (const [what, call] of Object.entries(calls))
    test(`${name}: ${what} ends with a signal that aborted before`, async (t) => {
      const { port, stall } = await open(t);
      await stall?.();
      await assert.rejects(
        call(port, { signal: AbortSignal.abort(OVER) }),
        (error: unknown) => error === OVER,
      );
      const reason = new Error('no code');
      await assert.rejects(call(port, { signal: AbortSignal.abort(reason) }), (error: unknown) => {
        assert.ok(isLandfallError(error));
        assert.deepEqual([error.code, error.cause], ['CANCELLED', reason]);
        return true;
      });
    });

  for (const what of waiting)
    test(`${name}: ${what} ends with its signal while it waits`, async (t) => {
      const { port, stall } = await open(t);
      await stall?.();
      const call = calls[what];
      assert.ok(call);
      const controller = new AbortController();
      setTimeout(() => controller.abort(OVER), 50);
      await assert.rejects(call(port, { signal: controller.signal }), (error: unknown) => error === OVER);
    });
}
