import { LOCAL_ORIGIN } from '../shared/event/compose.ts';
import type { StoreOrigin } from '../shared/reconcile/deps.ts';

/** What events of a store on this machine say of where they come from: its folder stands for the bucket. */
export const localOrigin = (root: string): StoreOrigin => ({ ...LOCAL_ORIGIN, bucket: root });
