import type { TestContext } from 'node:test';
import type { S3Operation } from '../../../aws-stand-ins/s3/s3-operation.ts';
import { s3SiteBucket } from '../../../shared/aws/s3/site/site-bucket.ts';
import { copiedFrom } from '../../../shared/aws/s3/site/site-file.ts';
import { openS3Store, type S3Store } from '../../../shared/aws/s3/store/store.ts';
import type { SiteBucket } from '../../../shared/deploy/kit/site-bucket.ts';
import { type Calls, type EndedSubject, endedCallsSuite } from '../../conformance/ended-calls.ts';
import { ID } from '../../conformance/planted-artifacts.ts';
import { SITE_CALLS } from '../../conformance/site-bucket.ts';
import { ARTIFACT_CALLS, OBJECT_CALLS, STAGING_CALLS, STORE_CALLS } from '../../conformance/store-calls.ts';
import { s3For } from '../support/s3.ts';

const OPERATIONS: readonly S3Operation[] = [
  ...(['GetObject', 'HeadObject', 'PutObject', 'CopyObject', 'ListObjectsV2', 'DeleteObjects'] as const),
  ...(['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload', 'ListMultipartUploads'] as const),
];

async function open<Port>(t: TestContext, portOf: (store: S3Store) => Port): Promise<EndedSubject<Port>> {
  const { server, root } = await s3For(t);
  const port = portOf(await openS3Store(root));
  const stall = (): void => {
    for (const operation of OPERATIONS)
      server.faults.add({ operation, when: 'before', trouble: 'stall', times: 1_000 });
  };
  return { port, stall };
}

const suite = <Port>(
  calls: Calls<Port>,
  portOf: (store: S3Store) => Port,
  but: readonly string[] = [],
): void =>
  endedCallsSuite('S3 that does not answer', {
    open: (t) => open(t, portOf),
    calls,
    waiting: Object.keys(calls).filter((name) => !but.includes(name)),
  });

suite(OBJECT_CALLS, ({ objects }) => objects);
// To begin a staging asks S3 for nothing yet, and small files, and those of other artifacts, are kept until the commit.
suite({ ...ARTIFACT_CALLS, ...STAGING_CALLS }, ({ artifacts }) => artifacts, [
  ...['stage', 'create', 'copy', 'taking a file', 'remove of a file'],
]);
suite(STORE_CALLS, ({ sweep }) => ({ sweep }));

endedCallsSuite('a site in S3 that does not answer', {
  open: async (t): Promise<EndedSubject<SiteBucket>> => {
    const { server, root } = await s3For(t);
    const site = { ...root, prefix: 'www/' };
    const port = s3SiteBucket({ site, put: copiedFrom(root, ID), owner: 'live' });
    const stall = (): void => {
      for (const operation of OPERATIONS)
        server.faults.add({ operation, when: 'before', trouble: 'stall', times: 1_000 });
    };
    return { port, stall };
  },
  calls: SITE_CALLS,
  waiting: Object.keys(SITE_CALLS),
});
