import { openS3Store } from '../../../shared/aws/s3/store/store.ts';
import { artifactContentSuite } from '../../conformance/artifact-content.ts';
import { artifactStoreSuite } from '../../conformance/artifact-store.ts';
import { hurriedClock, s3For } from '../support/s3.ts';

const POLICY = { conditionalKeys: /(^|\/)artifacts\// };
const someMilliseconds = (): number => Math.floor(Math.random() * 5);

artifactStoreSuite('s3', async (t) => openS3Store((await s3For(t, { policy: POLICY })).root));
artifactStoreSuite('s3 under a prefix, with races and latency', async (t) =>
  openS3Store(
    (
      await s3For(t, {
        policy: POLICY,
        prefix: 'team/a/',
        latency: someMilliseconds,
        conflicts: true,
        clock: hurriedClock,
      })
    ).root,
  ),
);
artifactStoreSuite(
  's3 without memory to hold files back',
  async (t) => openS3Store({ ...(await s3For(t, { policy: POLICY })).root, holdBytes: 1 }),
  { filesComeEarly: true },
);
const PACKED = { variant: 'default--pack' };
artifactStoreSuite('s3, packed', async (t) => openS3Store((await s3For(t, { policy: POLICY })).root), PACKED);
artifactContentSuite(
  's3, packed',
  async (t) => openS3Store((await s3For(t, { policy: POLICY })).root),
  PACKED,
);
artifactContentSuite('s3', async (t) => openS3Store((await s3For(t, { policy: POLICY })).root));
artifactContentSuite('s3 without memory to hold files back', async (t) =>
  openS3Store({ ...(await s3For(t, { policy: POLICY })).root, holdBytes: 1 }),
);
