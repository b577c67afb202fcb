import type { InProcessBus } from '../../shared/event/in-process-bus.ts';
import type { DetailType } from '../../shared/model/detail-type.ts';

const PATIENCE_MS = 20_000;

/** Which event of which deploy. */
export type Wanted = Readonly<Record<string, Extract<DetailType, `Deploy ${string}`>>>;

/** Resolves when the event of each deploy has come. @throws Error with what has not */
export function awaitDeploys(bus: InProcessBus, wanted: Wanted): Promise<void> {
  const left = new Map<string, string>(Object.entries(wanted));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const listed = (): string => [...left].map(([deploy, type]) => `${type} of ${deploy}`).join(', ');
  const timer = setTimeout(() => reject(new Error(`no ${listed()} within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  const unsubscribe = bus.subscribe(({ 'detail-type': type, detail }) => {
    const deploy = String((detail as { readonly deploy?: unknown }).deploy);
    if (left.get(deploy) === type) left.delete(deploy);
    if (left.size > 0) return;
    clearTimeout(timer);
    unsubscribe();
    resolve();
  });
  return promise;
}
