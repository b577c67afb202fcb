import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, type TestContext, test } from 'node:test';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { type ErrorCode, isLandfallError, type LandfallError } from '../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { digestOf, hexOf } from '../../shared/oci/digest.ts';
import { OCI_LAYER_GZIP } from '../../shared/oci/media-types.ts';
import type { Repository } from '../../shared/oci/reference.ts';
import type { Credential, Transport } from '../../shared/registry/client.ts';
import { createRegistryClient, type RegistryClient } from '../../shared/registry/create-client.ts';
import type { RequestFact } from '../../shared/registry/wire.ts';
import {
  dockerImage,
  dockerList,
  helmChart,
  ociImage,
  ociIndex,
  referrer,
  referrersIndex,
  type SampleImage,
  sample,
} from '../support/sample-manifests.ts';

/** A running registry the client is tried on. */
export interface RegistryUnderTest {
  readonly host: string;
  readonly transport: Transport;
  /** May pull and push everywhere. Left out: anonymous. */
  readonly credential?: Credential;
  close(): Promise<void>;
}

/** What tells registries apart. */
export interface RegistryTraits {
  readonly auth: 'anonymous' | 'basic' | 'bearer';
  /** False: the suite keeps the fallback tag, as a client has to. */
  readonly referrersApi: boolean;
  /** Why not to run, or false. */
  readonly skip?: string | false;
}

interface Subject {
  readonly client: RegistryClient;
  /** A repository of this test alone. */
  readonly repository: Repository;
  /** Every request since the last `facts.length = 0`. */
  readonly facts: RequestFact[];
  /** Moves the client's clock on. */
  readonly advance: (milliseconds: number) => void;
}

type Connect = (t: TestContext, credential?: Credential) => Subject;

const WRONG: Credential = { kind: 'basic', username: 'landfall', password: 'not-the-password' };
const COLD_REQUESTS = { anonymous: 1, basic: 2, bearer: 3 } as const;
const isTokenRequest = ({ url }: RequestFact): boolean => new URL(url).pathname.startsWith('/token');

async function push(image: SampleImage, tag: string, { client, repository }: Subject): Promise<void> {
  for (const { descriptor, bytes } of image.blobs) await client.pushBlob(repository, descriptor, bytes);
  for (const { descriptor, bytes } of image.children) {
    await client.pushManifest(repository, descriptor.digest, descriptor.mediaType, bytes);
  }
  const { descriptor, bytes } = image.manifest;
  await client.pushManifest(repository, tag, descriptor.mediaType, bytes);
}

function refusal(...codes: readonly ErrorCode[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isLandfallError(error), `not a LandfallError: ${String(error)}`);
    assert.ok(codes.includes(error.code), `${error.code}, not ${codes.join(' or ')}: ${error.message}`);
    return true;
  };
}

const MANIFESTS = [
  ['an OCI manifest', ociImage],
  ['an OCI index', ociIndex],
  ['a Docker v2 manifest', dockerImage],
  ['a Docker v2 list', dockerList],
  ['a manifest without mediaType', helmChart],
] as const;

function contentTests(connect: Connect): void {
  for (const [what, make] of MANIFESTS) {
    test(`reads ${what} by tag and by digest, byte for byte`, async (t) => {
      const subject = connect(t);
      const { client, repository } = subject;
      const image = make('content');
      await push(image, 'v1', subject);
      const { bytes, descriptor } = image.manifest;
      for (const reference of ['v1', descriptor.digest]) {
        const fetched = await client.manifest(repository, reference);
        assert.deepEqual(Buffer.from(fetched.bytes), Buffer.from(bytes));
        assert.equal(fetched.digest, descriptor.digest);
        assert.equal(fetched.contentType, descriptor.mediaType);
      }
      assert.equal(await client.peek(repository, 'v1'), descriptor.digest);
    });
  }

  test('streams a blob whose bytes are those that were pushed', async (t) => {
    const { client, repository } = connect(t);
    const blob = sample(OCI_LAYER_GZIP, randomBytes(3 * 1024 * 1024));
    assert.equal(await client.hasBlob(repository, blob.descriptor.digest), false);
    await client.pushBlob(repository, blob.descriptor, blob.bytes);
    assert.equal(await client.hasBlob(repository, blob.descriptor.digest), true);
    const chunks: Buffer[] = [];
    for await (const chunk of await client.blob(repository, blob.descriptor)) chunks.push(chunk as Buffer);
    assert.ok(chunks.length > 1, 'came in one piece');
    assert.equal(digestOf(Buffer.concat(chunks)), blob.descriptor.digest);
  });

  test('goes on after a blob was left in the middle', async (t) => {
    const subject = connect(t);
    const { client, repository } = subject;
    const blob = sample(OCI_LAYER_GZIP, randomBytes(3 * 1024 * 1024));
    await client.pushBlob(repository, blob.descriptor, blob.bytes);
    await push(ociImage('beside'), 'v1', subject);
    const stream = await client.blob(repository, blob.descriptor);
    for await (const _chunk of stream) break;
    assert.ok(stream.destroyed);
    assert.equal(await client.peek(repository, 'v1'), ociImage('beside').manifest.descriptor.digest);
  });

  test('follows a tag that moves', async (t) => {
    const subject = connect(t);
    for (const image of [ociImage('first'), ociImage('second')]) {
      await push(image, 'latest', subject);
      const { digest } = await subject.client.manifest(subject.repository, 'latest');
      assert.equal(digest, image.manifest.descriptor.digest);
    }
  });

  test('lists every tag', async (t) => {
    const subject = connect(t);
    const tags = ['1.0.0', '1.1.0', '2.0.0-rc.1', 'Latest', '_edge'];
    for (const tag of tags) await push(ociImage('tagged'), tag, subject);
    assert.deepEqual([...(await subject.client.tags(subject.repository))].sort(), tags);
  });
}

function missingTests(connect: Connect): void {
  test('tells a missing tag, digest and blob from a missing repository', async (t) => {
    const subject = connect(t);
    const { client, repository } = subject;
    await push(ociImage('there'), 'v1', subject);
    const absent = sample(OCI_LAYER_GZIP, 'absent').descriptor;
    const nowhere = { ...repository, repository: `${repository.repository}-nowhere` };
    await assert.rejects(client.manifest(repository, 'v2'), refusal('TAG_NOT_FOUND'));
    await assert.rejects(client.manifest(repository, absent.digest), refusal('TAG_NOT_FOUND'));
    await assert.rejects(client.peek(repository, 'v2'), refusal('TAG_NOT_FOUND'));
    await assert.rejects(client.blob(repository, absent), refusal('BLOB_NOT_FOUND'));
    await assert.rejects(client.tags(nowhere), refusal('REPOSITORY_NOT_FOUND'));
    // Docker's registry says MANIFEST_UNKNOWN of a repository it does not know.
    const either = refusal('TAG_NOT_FOUND', 'REPOSITORY_NOT_FOUND');
    await assert.rejects(client.manifest(nowhere, 'v1'), either);
  });

  test('passes on that a manifest names content that is not there', async (t) => {
    const { client, repository } = connect(t);
    const { descriptor, bytes } = ociImage(`never pushed ${randomBytes(8).toString('hex')}`).manifest;
    const pushed = client.pushManifest(repository, 'v1', descriptor.mediaType, bytes);
    await assert.rejects(pushed, (error) => isLandfallError(error) && error.kind === 'permanent');
    await assert.rejects(client.manifest(repository, 'v1'), refusal('TAG_NOT_FOUND', 'REPOSITORY_NOT_FOUND'));
  });
}

function referrersTests(connect: Connect, { referrersApi }: RegistryTraits): void {
  test('finds the referrers of a digest', async (t) => {
    const subject = connect(t);
    const { client, repository } = subject;
    const image = ociImage('signed');
    await push(image, 'v1', subject);
    const { descriptor } = image.manifest;
    assert.deepEqual(await client.referrers(repository, descriptor.digest), []);
    const signature = referrer('signature', descriptor);
    await push(signature, signature.manifest.descriptor.digest, subject);
    const described = { ...signature.manifest.descriptor, artifactType: 'application/vnd.example.signature' };
    if (!referrersApi) {
      const index = referrersIndex([described]);
      const tag = `sha256-${hexOf(descriptor.digest)}`;
      await client.pushManifest(repository, tag, index.descriptor.mediaType, index.bytes);
    }
    const found = await client.referrers(repository, descriptor.digest);
    const facts = found.map(({ mediaType, digest, size, artifactType }) => ({
      mediaType,
      digest,
      size,
      artifactType,
    }));
    assert.deepEqual(facts, [described]);
  });
}

function requestTests(connect: Connect, { auth }: RegistryTraits): void {
  test(`counts ${COLD_REQUESTS[auth]} for the first peek and one request for each after it`, async (t) => {
    await push(ociImage('peeked'), 'v1', connect(t));
    const { client, repository, facts } = connect(t);
    for (const wanted of [COLD_REQUESTS[auth], 1, 1]) {
      facts.length = 0;
      await client.peek(repository, 'v1');
      assert.equal(facts.length, wanted, facts.map(({ method, url }) => `${method} ${url}`).join('\n'));
    }
  });
}

function credentialTests(connect: Connect): void {
  for (const [what, credential] of [
    ['wrong', WRONG],
    ['no', { kind: 'anonymous' }],
  ] as const) {
    test(`refuses ${what} credentials as UNAUTHORIZED, naming no secret`, async (t) => {
      await push(ociImage('private'), 'v1', connect(t));
      const { client, repository } = connect(t, credential);
      await assert.rejects(client.manifest(repository, 'v1'), (error: LandfallError) => {
        refusal('UNAUTHORIZED')(error);
        assert.ok(!`${error.message} ${error.hint}`.includes('not-the-password'));
        assert.ok(error.hint?.includes(repository.registry), 'the hint names the registry');
        return true;
      });
    });
  }
}

function tokenTests(connect: Connect): void {
  test('shares one token among twenty calls at once', async (t) => {
    await push(ociImage('shared'), 'v1', connect(t));
    const { client, repository, facts } = connect(t);
    await Promise.all(Array.from({ length: 20 }, () => client.peek(repository, 'v1')));
    assert.equal(facts.filter(isTokenRequest).length, 1);
  });

  test('renews a token before it ends, without being refused first', async (t) => {
    const subject = connect(t);
    const { client, repository, facts } = subject;
    await push(ociImage('renewed'), 'v1', subject);
    await client.peek(repository, 'v1');
    facts.length = 0;
    // Both registries say 300 s.
    subject.advance(299_000);
    await client.peek(repository, 'v1');
    assert.deepEqual(
      facts.map((fact) => [isTokenRequest(fact), fact.status]),
      [
        [true, 200],
        [false, 200],
      ],
    );
  });
}

function connectTo(registry: () => RegistryUnderTest): Connect {
  const names = new Map<string, string>();
  const repositoryOf = (test: string): string => {
    const name = names.get(test) ?? `suite/repository-${names.size}`;
    names.set(test, name);
    return name;
  };
  return (t, given) => {
    const { host, transport, credential = { kind: 'anonymous' } } = registry();
    const facts: RequestFact[] = [];
    let ahead = 0;
    const clock: Clock = { now: () => systemClock.now() + ahead, sleep: systemClock.sleep };
    const client = createRegistryClient({
      access: { access: async () => ({ credential: given ?? credential, transport }) },
      clock,
      limits: DEFAULT_LIMITS,
      retry: { attempts: 2, baseMs: 1 },
      onRequest: (fact) => facts.push(fact),
    });
    t.after(() => client.close());
    const repository = { registry: host, repository: repositoryOf(t.name) };
    const advance = (milliseconds: number): void => {
      ahead += milliseconds;
    };
    return { client, repository, facts, advance };
  };
}

/** Holds the registry client to one behaviour on one registry; the same tests for every registry there is. */
export function registryClientSuite(
  name: string,
  start: () => Promise<RegistryUnderTest>,
  traits: RegistryTraits,
): void {
  describe(`registry client on ${name}`, { skip: traits.skip ?? false }, () => {
    let registry: RegistryUnderTest | undefined;
    before(async () => {
      registry = await start();
    });
    after(() => registry?.close());
    const connect = connectTo(() => {
      assert.ok(registry, 'the registry has started');
      return registry;
    });
    contentTests(connect);
    missingTests(connect);
    referrersTests(connect, traits);
    requestTests(connect, traits);
    if (traits.auth !== 'anonymous') credentialTests(connect);
    if (traits.auth === 'bearer') tokenTests(connect);
  });
}
