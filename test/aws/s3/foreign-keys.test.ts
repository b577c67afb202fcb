import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openS3Store } from '../../../shared/aws/s3/store/store.ts';
import { formatDocument } from '../../../shared/store/document.ts';
import { fsck } from '../../../shared/store/fsck/fsck.ts';
import { artifactPrefix, statusKey } from '../../../shared/store/layout.ts';
import { collect } from '../../../shared/store/retention/collect.ts';
import { readReferences } from '../../../shared/store/retention/references.ts';
import { listSources } from '../../../shared/store/status-store.ts';
import { collected } from '../../conformance/object-store.ts';
import { ID, land } from '../../conformance/planted-artifacts.ts';
import { revisionOf, SOURCE, statusOf } from '../../store/support/sample.ts';
import { plant } from '../support/planted.ts';
import { s3For } from '../support/s3.ts';

const COPY = artifactPrefix(ID).replace(/default\/$/, 'default copy/');
const FOREIGN = [
  ...['sources/Bad_Name/x/status.json', 'sources/web/.DS_Store', 'deploys/.DS_Store'],
  ...['artifacts/.DS_Store', `${COPY}artifact.json`],
  ...Array.from({ length: 9 }, (_, at) => `${COPY}files/${at}`),
].toSorted();

test('keys of somebody’s in a bucket are passed over, told once, and cost no request each', async (t) => {
  const { server, root } = await s3For(t);
  const store = await openS3Store(root);
  await land(store, ID, { a: 'a' });
  const current = { ...revisionOf('', 1), ...ID };
  await store.objects.putIfAbsent(statusKey(SOURCE), formatDocument(statusOf({ current })));
  for (const key of FOREIGN) plant(server, key, '{');
  assert.deepEqual(await collected(listSources(store.objects)), [SOURCE]);
  assert.deepEqual((await readReferences(store.objects)).unreadable, []);
  const before = server.served.length;
  assert.deepEqual(await collected(store.artifacts.list()), [ID]);
  assert.equal(
    server.served.length - before,
    4,
    'one a folder, one for the file beside them, one for the end',
  );
  const report = await fsck(store);
  assert.deepEqual([report.problems, report.foreign], [[], FOREIGN]);
  const { kept, removed } = await collect(store, { graceMs: 0 }, root);
  assert.deepEqual([kept, removed], [1, []]);
});
