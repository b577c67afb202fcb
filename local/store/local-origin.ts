import { LOCAL_ORIGIN } from '../../shared/event/compose.ts';
import type { StoreOrigin } from '../../shared/reconcile/deps.ts';
import type { BucketStore, OpenedStore } from './open-store.ts';

/** What events of a store on this machine say of where they come from: its folder stands for the bucket. */
export const localOrigin = (root: string): StoreOrigin => ({ ...LOCAL_ORIGIN, bucket: root });

/** The same of a bucket. Where there is an account, EventBridge puts it in itself. */
export const bucketOrigin = ({
  region,
  location,
}: Pick<BucketStore, 'region' | 'location'>): StoreOrigin => ({
  ...LOCAL_ORIGIN,
  region,
  ...location,
});

export const storeOrigin = (store: OpenedStore): StoreOrigin =>
  store.kind === 'directory' ? localOrigin(store.root) : bucketOrigin(store);
