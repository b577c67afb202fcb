import type { InProcessBus } from '../../shared/event/in-process-bus.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';

const PATIENCE_MS = 20_000;

/** Resolves when one event of each of `types` has come, in the order they came. */
export function awaitEvents(bus: InProcessBus, types: readonly string[]): Promise<readonly EventEnvelope[]> {
  const wanted = [...types];
  const { promise, resolve, reject } = Promise.withResolvers<readonly EventEnvelope[]>();
  const timer = setTimeout(
    () => reject(new Error(`no ${wanted.join(', ')} within ${PATIENCE_MS} ms`)),
    PATIENCE_MS,
  );
  const got: EventEnvelope[] = [];
  const unsubscribe = bus.subscribe((event) => {
    const at = wanted.indexOf(event['detail-type']);
    if (at < 0) return;
    wanted.splice(at, 1);
    got.push(event);
    if (wanted.length > 0) return;
    clearTimeout(timer);
    unsubscribe();
    resolve(got);
  });
  return promise;
}
