import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { etagOf } from '../../../aws-stand-ins/s3/object-operations.ts';
import { type S3Server, startS3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import { formatBundle } from '../../../functions/lambda/deploys/deploy-documents.ts';
import { handler } from '../../../functions/lambda/documents.ts';
import { answerStack } from '../../../functions/lambda/work/stack-answer.ts';
import type { YamlFile } from '../../../shared/source/file/yaml-document.ts';
import { documentKey } from '../../../shared/store/layout.ts';
import { environmentOf, SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { type AwsServer, awsServerFor } from '../../support/aws-server/aws-server.ts';
import { cloudFormationFor, type Waiting } from '../stack/cloudformation.ts';

interface Account {
  readonly s3: S3Server;
  readonly aws: AwsServer;
  readonly stack: Waiting;
}

/** Everything the function talks to, and its environment, for the length of a test. */
async function accountFor(t: TestContext): Promise<Account> {
  const s3 = await startS3Server({ buckets: ['landfall', 'assets'] });
  t.after(() => s3.close());
  const aws = await awsServerFor(t);
  const settings = {
    ...environmentOf(aws.url),
    AWS_ENDPOINT_URL_S3: s3.url,
    LANDFALL_BUCKET: 'landfall',
    LANDFALL_QUEUE_URL: `${aws.url}/123456789012/triggers.fifo`,
    LANDFALL_LOG_LEVEL: 'error',
  };
  for (const [name, value] of Object.entries(settings)) {
    const before = process.env[name];
    process.env[name] = value;
    t.after(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
  return { s3, aws, stack: await cloudFormationFor(t) };
}

function put(s3: S3Server, bucket: string, key: string, text: string): void {
  const bytes = Buffer.from(text);
  s3.bucket(bucket).put(key, { bytes, etag: etagOf(bytes), sha256: undefined, contentType: 'text/plain' });
}

/** Leaves a bundle where `cdk deploy` would, and says what the template then says of it. */
function bundled(
  { s3 }: Account,
  key: string,
  documents: readonly YamlFile[],
): Readonly<Record<string, unknown>> {
  put(s3, 'assets', key, formatBundle(documents));
  return { bucket: 'assets', key, names: documents.map(({ file }) => file) };
}

const requestOf = (
  { stack }: Account,
  RequestType: 'Create' | 'Update' | 'Delete',
  now: Readonly<Record<string, unknown>>,
  before?: Readonly<Record<string, unknown>>,
): CloudFormationCustomResourceEvent =>
  ({
    RequestType,
    ResponseURL: stack.url,
    StackId: 'arn:aws:cloudformation:eu-central-1:123456789012:stack/Landfall/1',
    RequestId: 'request-1',
    LogicalResourceId: 'Documents',
    ResourceType: 'Custom::LandfallDocuments',
    ServiceToken: 'arn',
    ResourceProperties: { ServiceToken: 'arn', ...now },
    ...(RequestType !== 'Create' && { PhysicalResourceId: 'landfall-documents' }),
    ...(before !== undefined && { OldResourceProperties: { ServiceToken: 'arn', ...before } }),
  }) as CloudFormationCustomResourceEvent;

const documentsIn = ({ s3 }: Account): Readonly<Record<string, string>> =>
  Object.fromEntries([...s3.bucket().objects].map(([key, { bytes }]) => [key, bytes.toString('utf8')]));

const announcements = ({ aws }: Account): number => aws.count('SendMessageBatch');

const web = { file: 'web.yaml', text: 'sources: []\n' };
const api = { file: 'teams/api.yaml', text: '# api\n' };

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };

test('a stack that is created has its documents put, told of and answered', async (t) => {
  const account = await accountFor(t);
  await handler(requestOf(account, 'Create', bundled(account, 'one.json', [web, api])), CONTEXT);
  assert.deepEqual(documentsIn(account), {
    [documentKey('web.yaml')]: web.text,
    [documentKey('teams/api.yaml')]: api.text,
  });
  assert.equal(announcements(account), 1);
  assert.deepEqual(account.stack.replies, [
    {
      Status: 'SUCCESS',
      PhysicalResourceId: 'landfall-documents',
      StackId: 'arn:aws:cloudformation:eu-central-1:123456789012:stack/Landfall/1',
      RequestId: 'request-1',
      LogicalResourceId: 'Documents',
    },
  ]);
  assert.deepEqual(account.stack.contentTypes, [undefined]);
});

test('what IAM has not heard of yet is asked for again', async (t) => {
  const account = await accountFor(t);
  const trouble = { status: 403, code: 'AccessDenied' };
  const request = requestOf(account, 'Create', bundled(account, 'one.json', [web]));
  account.s3.faults.add({ operation: 'GetObject', when: 'before', trouble, times: 1 });
  await handler(request, CONTEXT);
  assert.deepEqual(
    account.stack.replies.map(({ Status }) => Status),
    ['SUCCESS'],
  );
  assert.deepEqual(Object.keys(documentsIn(account)), [documentKey('web.yaml')]);
});

test('an update takes away what the stack has no more, and leaves what people put', async (t) => {
  const account = await accountFor(t);
  const before = bundled(account, 'one.json', [web, api]);
  await handler(requestOf(account, 'Create', before), CONTEXT);
  const theirs = documentKey('theirs.yaml');
  put(account.s3, 'landfall', theirs, '# theirs');
  const changed = { ...web, text: '# changed\n' };
  await handler(requestOf(account, 'Update', bundled(account, 'two.json', [changed]), before), CONTEXT);
  assert.deepEqual(documentsIn(account), { [documentKey('web.yaml')]: changed.text, [theirs]: '# theirs' });
  assert.equal(announcements(account), 2);
});

test('a document beside the zips of a template is put as it was written, and another name of it takes its place', async (t) => {
  const account = await accountFor(t);
  put(account.s3, 'assets', 'landfall/sources.yaml', web.text);
  const first = { bucket: 'assets', key: 'landfall/sources.yaml', names: ['sources.yaml'] };
  await handler(requestOf(account, 'Create', first), CONTEXT);
  assert.deepEqual(documentsIn(account), { [documentKey('sources.yaml')]: web.text });
  put(account.s3, 'assets', 'landfall/sources-2.yaml', api.text);
  const second = { bucket: 'assets', key: 'landfall/sources-2.yaml', names: ['sources-2.yaml'] };
  await handler(requestOf(account, 'Update', second, first), CONTEXT);
  assert.deepEqual(documentsIn(account), { [documentKey('sources-2.yaml')]: api.text });
});

test('a stack that goes takes its documents with it', async (t) => {
  const account = await accountFor(t);
  const properties = bundled(account, 'one.json', [web, api]);
  await handler(requestOf(account, 'Create', properties), CONTEXT);
  await handler(requestOf(account, 'Delete', properties), CONTEXT);
  assert.deepEqual(documentsIn(account), {});
  assert.deepEqual(
    account.stack.replies.map(({ Status }) => Status),
    ['SUCCESS', 'SUCCESS'],
  );
});

test('the same request again changes nothing', async (t) => {
  const account = await accountFor(t);
  const request = requestOf(account, 'Create', bundled(account, 'one.json', [web]));
  await handler(request, CONTEXT);
  const puts = account.s3.count('PutObject');
  await handler(request, CONTEXT);
  assert.equal(account.s3.count('PutObject'), puts);
  assert.equal(account.stack.replies.length, 2);
});

test('a deploy whose file is not there fails with the reason', async (t) => {
  const account = await accountFor(t);
  await handler(
    requestOf(account, 'Create', { bucket: 'assets', key: 'gone.json', names: ['web.yaml'] }),
    CONTEXT,
  );
  const [reply] = account.stack.replies;
  assert.equal(reply?.Status, 'FAILED');
  assert.match(reply?.Reason ?? '', /gone\.json is not in bucket assets.*Deploy again/);
  assert.deepEqual(documentsIn(account), {});
});

const REFUSED: readonly (readonly [what: string, text: string])[] = [
  ['no JSON', 'sources: []'],
  ['no list', '{"file":"a","text":"b"}'],
  ['entries without text', '[{"file":"a"}]'],
];

for (const [what, text] of REFUSED) {
  test(`a file of the deploy that holds ${what} fails the deploy`, async (t) => {
    const account = await accountFor(t);
    put(account.s3, 'assets', 'bad.json', text);
    await handler(requestOf(account, 'Create', { bucket: 'assets', key: 'bad.json', names: ['a'] }), CONTEXT);
    assert.equal(account.stack.replies[0]?.Status, 'FAILED');
    assert.match(account.stack.replies[0]?.Reason ?? '', /bad\.json is no list of them/);
    assert.deepEqual(documentsIn(account), {});
  });
}

test('a stack can be deleted even where its documents cannot', async (t) => {
  const account = await accountFor(t);
  const denied = { status: 403, code: 'AccessDenied' };
  account.s3.faults.add({ operation: 'DeleteObjects', when: 'before', trouble: denied });
  await handler(
    requestOf(account, 'Delete', { bucket: 'assets', key: 'one.json', names: ['web.yaml'] }),
    CONTEXT,
  );
  assert.equal(account.stack.replies[0]?.Status, 'SUCCESS');
});

test('CloudFormation is told again until it has heard, and its URL is in no message', async (t) => {
  const clock = new SleepingClock();
  const hard = await cloudFormationFor(t, 2);
  const event = { ResponseURL: hard.url, StackId: 's', RequestId: 'r', LogicalResourceId: 'l' } as never;
  const answer = { status: 'FAILED', physicalResourceId: 'p', reason: 'x'.repeat(5000) } as const;
  await answerStack(event, answer, { clock });
  assert.equal(hard.replies[0]?.Reason?.length, 1024);
  const deaf = await cloudFormationFor(t, 100);
  await assert.rejects(
    answerStack({ ...(event as object), ResponseURL: deaf.url } as never, answer, { clock }),
    (error: Error) =>
      /took no answer in 5 tries/.test(error.message) && !JSON.stringify(error).includes('canary'),
  );
});
