import type { Clock } from '../shared/clock.ts';
import { type CollectOptions, type CollectReport, collect } from '../shared/store/collect.ts';
import type { Store } from '../shared/store/store.ts';

/** Deletes what no status and no deploy names any more, after a grace. Run daily, or by a person. */
export const collectGarbage = (
  options: CollectOptions,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
): Promise<CollectReport> => collect(store, options, { clock });
