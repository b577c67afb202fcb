import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { BearerAuth, RegistryAuth } from '../../embedded-registry/auth/registry-auth.ts';
import type { EmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import type { Quirk } from '../../embedded-registry/quirk.ts';
import { acr, forgejo, harbor } from '../../embedded-registry/quirks/challenges.ts';
import { dockerHub } from '../../embedded-registry/quirks/docker-hub.ts';
import { ecr, ecrPublic } from '../../embedded-registry/quirks/ecr.ts';
import { ghcr } from '../../embedded-registry/quirks/ghcr.ts';
import {
  artifactory,
  nexus,
  noLists,
  nullTags,
  oldArtifactory,
  quay,
  shortPages,
} from '../../embedded-registry/quirks/paging.ts';
import type { LandfallError } from '../../shared/errors.ts';
import { OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import type { Credential } from '../../shared/registry/client.ts';
import type { RegistryClient } from '../../shared/registry/create-client.ts';
import { resolve } from '../../shared/resolve/resolve.ts';
import { type ClientOptions, failure, startClient, startScripted } from '../registry/scripted-registry.ts';
import { ociImage, ociIndex } from '../support/artifacts/sample-manifests.ts';
import { openRegistry, plant } from './test-registry.ts';

const users = { alice: 'secret' };
const CREDENTIAL: Credential = { kind: 'basic', username: 'alice', password: 'secret' };
const BASIC: RegistryAuth = { kind: 'basic', users };
const BEARER: BearerAuth = { kind: 'bearer', users, expiresInSeconds: 300 };
const TAGS = ['1.0.0', '1.1.0', '1.2.0', '2.0.0', 'latest'];
const NAME = 'virtual/team/app';

interface Subject {
  readonly registry: EmbeddedRegistry;
  readonly client: RegistryClient;
  readonly repository: { readonly registry: string; readonly repository: string };
}

/** The real client at a registry with a quirk, and five tags on three pages. */
async function subjectOf(
  t: TestContext,
  { quirk, auth, ...options }: ClientOptions & { readonly quirk: Quirk; readonly auth: RegistryAuth },
): Promise<Subject> {
  const registry = await openRegistry(t, { quirk, auth, pageSize: 2 });
  for (const tag of TAGS) plant(registry, NAME, tag, ociImage(tag));
  const client = startClient(t, { credential: CREDENTIAL, ...options });
  return { registry, client, repository: { registry: registry.host, repository: NAME } };
}

/** All that a source wants of a registry, as it would be at one without a quirk. */
async function wholeStory({ client, repository }: Subject): Promise<void> {
  const { manifest, blobs } = ociImage('1.2.0');
  const { digest } = manifest.descriptor;
  const range = { repository, ref: { semver: '1.x' } };
  const first = await resolve(range, { registry: client });
  assert.deepEqual([first.tag, first.digest], ['1.2.0', digest]);
  const again = await resolve({ ...range, current: { tag: '1.2.0', digest } }, { registry: client });
  assert.equal(again.outcome, 'unchanged');
  assert.deepEqual(Buffer.from((await client.manifest(repository, digest)).bytes), manifest.bytes);
  for (const { descriptor, bytes } of blobs) {
    const got = await (await client.blob(repository, descriptor)).toArray();
    assert.deepEqual(Buffer.concat(got), Buffer.from(bytes));
  }
  assert.deepEqual([...(await client.tags(repository))].sort(), [...TAGS].sort());
}

/** Object storage as S3 is: a request with two kinds of authorization is refused. */
const startStorage = (t: TestContext) =>
  startScripted(t, ({ headers, path }, response) => {
    const digest = path.slice(1).split('?')[0];
    const blob = TAGS.flatMap((tag) => ociImage(tag).blobs).find(
      ({ descriptor }) => descriptor.digest === digest,
    );
    if (headers.authorization === undefined && blob !== undefined) response.end(blob.bytes);
    else
      response
        .writeHead(400)
        .end('<Error><Code>InvalidArgument</Code>Only one auth mechanism allowed</Error>');
  });

const STORIES: readonly (readonly [string, (storage: string) => Quirk, RegistryAuth])[] = [
  ['ECR: no digest on GET, layers behind 307, a realm that is a URL and means nothing', ecr, BASIC],
  ['ECR Public: no digest at all', ecrPublic, { ...BEARER, expired: 'ecr-public' }],
  ['Docker Hub', () => dockerHub(), BEARER],
  ['GHCR: a scope of nobody, and twice a 429 with milliseconds in its text', () => ghcr(2), BEARER],
  ['Harbor', harbor, BEARER],
  ['Forgejo: two challenges in one header', forgejo, BEARER],
  ['ACR: access_token alone', acr, { ...BEARER, tokenField: 'access_token' }],
  ['Quay: no scope, pages by next_page', quay, BEARER],
  ['Artifactory: Link without the virtual repository', artifactory, BASIC],
  ['Nexus: absolute Link with a path of its own', nexus, BASIC],
  ['pages shorter than asked for', shortPages, BEARER],
  ['no word of how long a token lives', () => ({}), { kind: 'bearer', users }],
];
for (const [name, quirk, auth] of STORIES) {
  test(`the whole story at ${name}`, async (t) => {
    const storage = await startStorage(t);
    const subject = await subjectOf(t, { quirk: quirk(storage.origin), auth });
    await wholeStory(subject);
    assert.ok(storage.seen.every(({ headers }) => headers.authorization === undefined));
    assert.equal(storage.seen.length > 0, name.startsWith('ECR: '));
  });
}

test('where HEAD tells no digest, a reconcile of a tag is a GET, and still sees that nothing is new', async (t) => {
  const { registry, client, repository } = await subjectOf(t, { quirk: ecrPublic(), auth: BEARER });
  const { digest } = ociImage('latest').manifest.descriptor;
  assert.equal(await client.peek(repository, 'latest'), undefined);
  registry.requests.reset();
  const current = { tag: 'latest', digest };
  const { outcome } = await resolve({ repository, ref: { tag: 'latest' }, current }, { registry: client });
  assert.equal(outcome, 'unchanged');
  assert.deepEqual([registry.requests.count('HEAD'), registry.requests.count('GET')], [1, 1]);
});

test('ECR refuses more than 1,000 tags a page, and is never asked for them', async (t) => {
  const { registry, client, repository } = await subjectOf(t, { quirk: ecr('http://x'), auth: BASIC });
  const over = await fetch(`${registry.url}/v2/${NAME}/tags/list?n=1001`);
  assert.equal(over.status, 405);
  await client.tags(repository);
});

test('ECR Public’s expired token is renewed on 400', async (t) => {
  const auth = { ...BEARER, expired: 'ecr-public' } as const;
  const { registry, client, repository } = await subjectOf(t, { quirk: ecrPublic(), auth });
  await client.manifest(repository, 'latest');
  registry.expireTokens();
  await client.manifest(repository, 'latest');
  assert.deepEqual(
    registry.requests.entries.slice(-3).map(({ status }) => status),
    [400, 200, 200],
  );
});

test('Docker Hub gives the child of an index to whoever does not name indexes; we do', async (t) => {
  const { registry, client, repository } = await subjectOf(t, {
    quirk: dockerHub(),
    auth: { kind: 'anonymous' },
  });
  const index = plant(registry, NAME, 'multi', ociIndex('multi'));
  const [child] = index.children;
  const url = `${registry.url}/v2/${NAME}/manifests/multi`;
  const naive = await fetch(url, { method: 'HEAD', headers: { accept: OCI_MANIFEST } });
  assert.equal(naive.headers.get('docker-content-digest'), child?.descriptor.digest);
  assert.equal(await client.peek(repository, 'multi'), index.manifest.descriptor.digest);
});

test('Docker Hub counts pulls and not looks; at the end the limit is told, and nobody is asked again at once', async (t) => {
  const options = { quirk: dockerHub(2), auth: BEARER, attempts: 1 };
  const { registry, client, repository } = await subjectOf(t, options);
  for (let look = 0; look < 5; look++) await client.peek(repository, 'latest');
  for (const tag of ['1.0.0', '1.1.0']) await client.manifest(repository, tag);
  await assert.rejects(client.manifest(repository, 'latest'), (error: LandfallError) => {
    assert.deepEqual([error.detail['limit'], error.detail['windowSeconds']], [100, 21_600]);
    return failure('RATE_LIMITED', /pull rate limit/, /100 pulls in 6 h/)(error);
  });
  assert.equal(registry.requests.entries.at(-1)?.status, 429);
});

for (const [name, quirk] of [
  ['Harbor', harbor],
  ['ACR', acr],
] as const) {
  test(`${name} offers Basic for a token it refuses: the password is not sent to it`, async (t) => {
    const { registry, client, repository } = await subjectOf(t, { quirk: quirk(), auth: BEARER });
    await client.peek(repository, 'latest');
    registry.expireTokens();
    await client.peek(repository, 'latest');
    const since = registry.requests.entries.slice(-3).map(({ path, status }) => [path.split('/')[1], status]);
    assert.deepEqual(since, [
      ['v2', 401],
      ['token', 200],
      ['v2', 200],
    ]);
  });
}

test('ACR takes an identity token by POST', async (t) => {
  const auth = { ...BEARER, identityTokens: ['refresh'], tokenField: 'access_token' } as const;
  const credential = { kind: 'identity-token', token: 'refresh' } as const;
  const subject = await subjectOf(t, { quirk: acr(), auth, credential });
  await wholeStory(subject);
  assert.ok(subject.registry.requests.count('POST', /^\/token$/) > 0);
  assert.equal(subject.registry.requests.count('GET', /^\/token$/), 0);
});

test('old Artifactory’s list goes round: it is noticed', async (t) => {
  const { client, repository } = await subjectOf(t, { quirk: oldArtifactory(), auth: BASIC });
  await assert.rejects(client.tags(repository), failure('LINK_DENIED', /read before/));
});

test('null is a list without tags', async (t) => {
  const { client, repository } = await subjectOf(t, { quirk: nullTags(), auth: BEARER });
  assert.deepEqual(await client.tags(repository), []);
});

test('who may not list can follow a tag; a range says what to do instead', async (t) => {
  const { client, repository } = await subjectOf(t, { quirk: noLists(), auth: BEARER });
  const byTag = await resolve({ repository, ref: { tag: '1.1.0' } }, { registry: client });
  assert.equal(byTag.digest, ociImage('1.1.0').manifest.descriptor.digest);
  const byRange = resolve({ repository, ref: { semver: '*' } }, { registry: client });
  await assert.rejects(byRange, failure('FORBIDDEN', /list the tags/, /ref\.tag or ref\.digest/));
});
