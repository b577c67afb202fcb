import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { etagOf } from '../../../aws-stand-ins/s3/object-operations.ts';
import { startS3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import { DOCUMENTS_PREFIX, VERSION_KEY } from '../../../shared/store/layout.ts';
import { receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';
import { environmentOf } from '../../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../../support/aws-server/aws-server.ts';
import { assertRefused, documentOf, landfall } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const SOURCE = 'sources:\n  - { name: site, url: oci://r.example/site }\n';
const OTHER = 'sources:\n  - { name: app, url: oci://r.example/app }\n';

/** A bucket with a store in it, a folder of documents, and the command line between them. */
async function open(t: TestContext) {
  const server = await startS3Server();
  t.after(() => server.close());
  Object.assign(process.env, environmentOf(server.url));
  const { path, remove } = await temporaryFolder();
  t.after(remove);
  const bucket = server.bucket();
  const put = (key: string, text: string) => {
    const bytes = Buffer.from(text);
    bucket.put(key, { bytes, etag: etagOf(bytes), sha256: undefined, contentType: 'text/plain' });
  };
  put(VERSION_KEY, '{"formatVersion":1}');
  const write = async (name: string, text: string) => {
    await mkdir(join(path, name, '..'), { recursive: true });
    await writeFile(join(path, name), text);
  };
  const keys = () => bucket.keys(DOCUMENTS_PREFIX).map((key) => key.slice(DOCUMENTS_PREFIX.length));
  const apply = (...argv: readonly string[]) => landfall(['apply', '--store', 's3://landfall', ...argv]);
  return { server, path, write, keys, apply, put };
}

test('puts the documents of a folder under their paths, and again only what changed', async (t) => {
  const { path, write, keys, apply } = await open(t);
  await write('a.yaml', SOURCE);
  await write('team/b.yaml', OTHER);
  assert.deepEqual(await apply('-f', path), {
    ...{ code: 0, signal: null, stderr: '' },
    stdout: 'put a.yaml\nput team/b.yaml\n2 changed, 0 removed, 0 unchanged\n',
  });
  assert.deepEqual(keys(), ['a.yaml', 'team/b.yaml']);
  await write('a.yaml', `${SOURCE}# changed\n`);
  const { stdout } = await apply('-f', path, '--json');
  assert.deepEqual(JSON.parse(stdout), {
    put: ['a.yaml'],
    unchanged: ['team/b.yaml'],
    pruned: [],
    dryRun: false,
  });
});

test('says which deploys do not run by what it puts: those that name no role', async (t) => {
  const { path, write, apply } = await open(t);
  const net =
    'kind: stack, source: site, stack: net, template: t.json, executionRole: "arn:aws:iam::123456789012:role/x"';
  await write(
    'a.yaml',
    `${SOURCE}deploys:\n  - { name: net, ${net} }\n  - { name: far, ${net}, role: { arn: "arn:aws:iam::210987654321:role/y" } }\n`,
  );
  const { code, stderr } = await apply('-f', path);
  assert.equal(code, 0, stderr);
  assert.deepEqual(stderr.match(/note: deploy .*/g), [
    'note: deploy net (stack) names no role: it runs and changes with cdk deploy alone, see docs/deploys.md',
  ]);
});

test('says that whom entries of notify name is told by a stack that was made for it, and takes no secret of this machine', async (t) => {
  const { path, write, apply, keys } = await open(t);
  const entry = (url: string) => `${SOURCE}notify:\n  - { name: ops, type: slack, url: ${url} }\n`;
  await write('a.yaml', entry('{ file: /secrets/slack }'));
  assertRefused(await apply('-f', path), {
    code: 'CONFIG_INVALID',
    exit: 2,
    says: /notify ops: url is in a file, and functions on AWS have none of yours/,
    next: /secretsManager/,
  });
  assert.deepEqual(keys(), []);
  await write('a.yaml', entry('{ secretsManager: slack }'));
  const { code, stderr } = await apply('-f', path);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^note: notify ops: it is told by a stack that was deployed with a function for that, see docs\/notify\.md#on-aws$/m,
  );
});

test('puts documents into a bucket that nothing was reconciled in yet, and not into another', async (t) => {
  const { server, path, write, keys, apply, put } = await open(t);
  await write('a.yaml', SOURCE);
  server.bucket().objects.delete(VERSION_KEY);
  put(`${DOCUMENTS_PREFIX}stack.yaml`, OTHER);
  assert.equal((await apply('-f', path)).code, 0);
  assert.deepEqual(keys(), ['a.yaml', 'stack.yaml']);
  assert.equal(server.bucket().objects.has(VERSION_KEY), false, 'which is for the functions to make');
  put('holiday.jpg', 'x');
  await write('a.yaml', `${SOURCE}# changed\n`);
  assertRefused(await apply('-f', path), {
    ...{ code: 'USAGE', exit: 2, says: /holds holiday\.jpg, and no Landfall store/, next: /the stack made/ },
  });
});

test('refuses the bucket of a later Landfall', async (t) => {
  const { path, write, keys, apply, put } = await open(t);
  put(VERSION_KEY, '{"formatVersion":2}');
  await write('a.yaml', SOURCE);
  assertRefused(await apply('-f', path), { code: 'STORE_VERSION', says: /version 2/, next: /Upgrade/ });
  assert.deepEqual(keys(), []);
});

test('receivers are those of the documents in the bucket, their secrets in Secrets Manager', async (t) => {
  const { put } = await open(t);
  const aws = await awsServerFor(t);
  process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = aws.url;
  t.after(() => delete process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER']);
  aws.secrets.set('webhook', 'canary-secret');
  const receiver = '{ name: ci, type: generic, registry: r.example, secret: { secretsManager: webhook } }';
  put(`${DOCUMENTS_PREFIX}a.yaml`, `receivers: [${receiver}]\n`);
  const argv = ['receivers', '--store', 's3://landfall'];
  const ended = await landfall([...argv, '--url', 'https://x.example', '--json']);
  assert.deepEqual(
    documentOf<readonly { readonly url: string }[]>(ended).map(({ url }) => url),
    [`https://x.example${receiverPath({ type: 'generic', name: 'ci' }, 'canary-secret')}`],
  );
  assert.doesNotMatch(ended.stdout + ended.stderr, /canary/);
  assertRefused(await landfall(argv), { code: 'USAGE', exit: 2, says: /not known/, next: /ReceiveUrl/ });
  assertRefused(await landfall(['receivers']), { code: 'USAGE', exit: 2, says: /-f or --store/, next: /-f/ });
});

test('puts nothing where one document is refused, and says file, line and key', async (t) => {
  const { path, write, keys, apply } = await open(t);
  await write('a.yaml', SOURCE);
  await write('b.yaml', OTHER.replace('url:', 'uri:'));
  const { code, stderr } = await apply('-f', path);
  assert.equal(code, 2);
  assert.match(stderr, /b\.yaml:2:\d+: sources\[0\]: unknown key "uri"; did you mean "url"\?/);
  assert.deepEqual(keys(), []);
});

test('refuses a name that a document in the bucket has taken', async (t) => {
  const { path, write, keys, apply, put } = await open(t);
  put(`${DOCUMENTS_PREFIX}first.yaml`, SOURCE);
  await write('second.yaml', SOURCE);
  const { code, stderr } = await apply('-f', path);
  assert.equal(code, 2);
  assert.match(stderr, /source default\/site is already defined at/);
  assert.deepEqual(keys(), ['first.yaml']);
});

test('a document in the bucket that is bad already is no reason to refuse others', async (t) => {
  const { path, write, keys, apply, put } = await open(t);
  put(`${DOCUMENTS_PREFIX}bad.yaml`, 'sources: [');
  await write('a.yaml', SOURCE);
  assert.equal((await apply('-f', path)).code, 0);
  assert.deepEqual(keys(), ['a.yaml', 'bad.yaml']);
});

test('--prune removes what is not given, and --dry-run does nothing', async (t) => {
  const { path, write, keys, apply, put } = await open(t);
  put(`${DOCUMENTS_PREFIX}old.yaml`, OTHER);
  await write('a.yaml', SOURCE);
  const dry = await apply('-f', path, '--prune', '--dry-run');
  assert.equal(dry.stdout, 'would put a.yaml\nwould remove old.yaml\n1 changed, 1 removed, 0 unchanged\n');
  assert.deepEqual(keys(), ['old.yaml']);
  assert.equal((await apply('-f', path, '--prune')).code, 0);
  assert.deepEqual(keys(), ['a.yaml']);
});

for (const [what, document, message] of [
  [
    'a password in a file',
    'credentials: [{ registry: r.example, username: a, password: { file: ./p } }]',
    /password is in a file/,
  ],
  [
    'a docker config in a file',
    'credentials: [{ registry: r.example, dockerConfig: ./config.json }]',
    /dockerConfig is in a file/,
  ],
  [
    'a certificate in a file',
    'credentials: [{ registry: r.example, caFile: ./ca.pem }]',
    /caFile is in a file/,
  ],
  [
    'a password in a variable',
    'credentials: [{ registry: r.example, username: a, password: { env: AWS_SESSION_TOKEN } }]',
    /password is in a variable/,
  ],
  [
    "a receiver's secret in a file",
    'receivers: [{ name: ci, type: generic, registry: r.example, secret: { file: ./s } }]',
    /receiver ci: secret is in a file/,
  ],
] as const) {
  test(`refuses ${what}, which functions have not`, async (t) => {
    const { path, write, keys, apply } = await open(t);
    await write('a.yaml', document);
    const { code, stderr } = await apply('-f', path);
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.deepEqual(keys(), []);
  });
}

for (const [what, argv, message] of [
  ['a folder as its store', ['--store', '/tmp'], /is no bucket/],
  ['no document', [], /required option '-f, --file/],
] as const) {
  test(`refuses ${what}`, async (t) => {
    const { path, write, apply } = await open(t);
    await write('a.yaml', SOURCE);
    const { code, stderr } = await apply(...(argv.length > 0 ? ['-f', path, ...argv] : []));
    assert.equal(code, 2);
    assert.match(stderr, message);
  });
}

test('two documents of one name are refused', async (t) => {
  const { path, write, apply } = await open(t);
  await write('one/a.yaml', SOURCE);
  await write('two/a.yaml', OTHER);
  const { code, stderr } = await apply('-f', join(path, 'one'), '-f', join(path, 'two'));
  assert.equal(code, 2);
  assert.match(stderr, /two documents would be a\.yaml/);
});
