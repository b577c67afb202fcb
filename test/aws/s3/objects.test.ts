import { s3ObjectStore } from '../../../shared/aws/s3/object-store.ts';
import { objectStoreSuite } from '../../conformance/object-store.ts';
import { hurriedClock, s3For } from '../support/s3.ts';

const someMilliseconds = (): number => Math.floor(Math.random() * 8);

objectStoreSuite('s3', async (t) => s3ObjectStore((await s3For(t)).root));
objectStoreSuite('slow s3', async (t) => s3ObjectStore((await s3For(t, { latency: someMilliseconds })).root));
objectStoreSuite('s3 that answers races with 409', async (t) =>
  s3ObjectStore((await s3For(t, { latency: someMilliseconds, conflicts: true, clock: hurriedClock })).root),
);
