import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LandfallError } from '../../shared/errors.ts';
import type { Credential } from '../../shared/registry/client.ts';
import type { RequestFact } from '../../shared/registry/wire.ts';
import { ociImage } from '../support/artifacts/sample-manifests.ts';
import { type Connect, push, type RegistryTraits, refusal } from './registry-subject.ts';

const WRONG: Credential = { kind: 'basic', username: 'landfall', password: 'not-the-password' };
const COLD_REQUESTS = { anonymous: 1, basic: 2, bearer: 3 } as const;
const isTokenRequest = ({ url }: RequestFact): boolean => new URL(url).pathname.startsWith('/token');

export function requestTests(connect: Connect, { auth }: RegistryTraits): void {
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

export function credentialTests(connect: Connect): void {
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

export function tokenTests(connect: Connect): void {
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
