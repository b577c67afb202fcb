import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ALICE,
  failure,
  MANIFEST_DIGEST,
  ociError,
  startClient,
  startScripted,
} from '../scripted-registry.ts';

/** As ECR, ECR in its first years (a body that is no JSON), and ECR Public say it: without a challenge, under either status. */
const GOOD_NO_MORE = [
  ociError('DENIED', 'Your authorization token has expired. Reauthenticate and try again.'),
  "Your Authorization Token has expired. Please run 'aws ecr get-login' to fetch a new one.",
  ociError('DENIED', 'Your Authorization Token is invalid.'),
];
for (const status of [400, 403]) {
  for (const said of GOOD_NO_MORE) {
    const text = typeof said === 'string' ? said : JSON.stringify(said);
    test(`a login that is answered ${status} ${text} is told to be good no more`, async (t) => {
      const registry = await startScripted(t, ({ headers }, response) =>
        headers.authorization === undefined
          ? void response.writeHead(401, { 'www-authenticate': 'Basic realm="https://ecr/"' }).end()
          : void response.writeHead(status).end(text),
      );
      const wanted = failure(
        'UNAUTHORIZED',
        new RegExp(`answered ${status}, saying .*Your authorization token`, 'i'),
        /Check that the credential is right and still valid/,
      );
      const client = startClient(t, { credential: ALICE });
      await assert.rejects(client.manifest(registry.repository, 'v1'), wanted);
      assert.equal(registry.seen.length, 2);
      await assert.rejects(client.tags(registry.repository), failure('UNAUTHORIZED'));
      assert.equal(await client.peek(registry.repository, 'v1'), undefined);
    });
  }
}

test('storage whose own token has expired is not told of as a login', async (t) => {
  const storage = await startScripted(t, (_, response) => {
    const said = '<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>';
    response.writeHead(400, { 'content-type': 'application/xml' }).end(said);
  });
  const registry = await startScripted(
    t,
    (_, response) => void response.writeHead(307, { location: `${storage.origin}/x` }).end(),
  );
  const descriptor = { mediaType: 'a/b', digest: MANIFEST_DIGEST, size: 1 };
  await assert.rejects(
    startClient(t, { credential: ALICE }).blob(registry.repository, descriptor),
    failure('REGISTRY_PROTOCOL', /The provided token has expired/),
  );
});
