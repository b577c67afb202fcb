import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startEmbeddedRegistry } from '../../../embedded-registry/embedded-registry.ts';
import { atEnd } from '../../support/at-end.ts';
import { assertRefused, documentOf, folderFor, landfall } from '../../support/cli.ts';
import { startServe } from '../../support/programs/serving.ts';
import { startIssuer } from '../../trigger/jwt/issuer-server.ts';
import { type Claimed, type IssuerKey, issuerKey, keySet, token } from '../../trigger/jwt/tokens.ts';

const key = issuerKey('job-1', 'RS256');
const AUDIENCE = 'landfall';

/** `serve` with a receiver for the tokens of an issuer on this machine, and what a job sends to it. */
async function startWithIssuer(t: TestContext, { local = true } = {}) {
  const registry = await startEmbeddedRegistry();
  atEnd(t, () => registry.close());
  const issuer = await startIssuer(t, keySet(key));
  const folder = await folderFor(t);
  const path = join(folder, 'sources.yaml');
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, issuer.ca);
  await writeFile(
    path,
    `sources:
  - { name: app, namespace: web, url: "oci://${registry.host}/team/app", ref: { tag: live }, interval: 1h }
credentials:
  - { registry: "${registry.host}", plainHttp: true }
receivers:
  - name: ci
    type: oidc
    registry: "${registry.host}"
    issuer: ${issuer.url}
    audience: ${AUDIENCE}
    claims: { repository: "octo/*" }
    local: ${local}
    secret: { value: canary-oidc-secret }
`,
  );
  const env = { NODE_EXTRA_CA_CERTS: ca };
  const serve = await startServe(t, { documents: [path], store: join(folder, 'store'), env });
  const listed = await landfall(['receivers', '-f', path, '--url', serve.url, '--json']);
  const [receiver] = documentOf<readonly { readonly url: string }[]>(listed);
  const post = async (claims: Claimed = {}, signer: IssuerKey = key): Promise<number> => {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, nbf: now, exp: now + 300 };
    const told = { iss: issuer.url, aud: AUDIENCE, repository: 'octo/app', ...times, ...claims };
    const response = await fetch(receiver?.url ?? '', {
      method: 'POST',
      headers: { authorization: `Bearer ${token(signer, told)}` },
      body: JSON.stringify({ repository: 'team/app', tag: 'live' }),
    });
    await response.body?.cancel();
    return response.status;
  };
  return { serve, issuer, path, post };
}

test('a job with a token of its issuer has its source looked at, and no other has', async (t) => {
  const { serve, issuer, post } = await startWithIssuer(t);
  assert.equal(await post({ repository: 'evil/app' }), 401);
  assert.equal(await post({ aud: 'elsewhere' }), 401);
  assert.deepEqual(issuer.requests, [], 'strangers have nobody asked');
  assert.equal(await post(), 202);
  await serve.logged('webhook', { receiver: 'ci', status: 202, sources: 'web/app' });
  assert.equal(await post({}, issuerKey('job-1')), 401);
  const why = 'came with a token whose claims are not those that are wanted';
  await serve.logged('webhook', { receiver: 'ci', status: 401, code: 'WEBHOOK_UNAUTHENTICATED', why });
  assert.deepEqual(issuer.requests, ['/.well-known/openid-configuration', '/keys']);
});

test('an issuer that is down is a 503, and the log says what it answered', async (t) => {
  const { serve, issuer, post } = await startWithIssuer(t);
  issuer.answers.set('/keys', (_, response) => response.writeHead(500).end());
  assert.equal(await post(), 503);
  const why = `${issuer.url}/keys: answered 500, wanted 200`;
  await serve.logged('webhook', { receiver: 'ci', status: 503, code: 'ISSUER_UNAVAILABLE', why });
});

test('a private issuer is connected to only where the document says that it is local', async (t) => {
  const { serve, issuer, post } = await startWithIssuer(t, { local: false });
  assert.equal(await post(), 503);
  const { why } = await serve.logged('webhook', { receiver: 'ci', code: 'ISSUER_UNAVAILABLE' });
  assert.match(String(why), /is a loopback address$/);
  assert.deepEqual(issuer.requests, []);
});

test('a sample that only the issuer could sign is not sent', async (t) => {
  const { serve, path } = await startWithIssuer(t);
  const ended = await landfall(['receivers', 'test', 'ci', '-f', path, '--url', serve.url]);
  assertRefused(ended, {
    code: 'USAGE',
    exit: 2,
    says: /no sample for ci \(oidc\): .*the issuer signs/,
    next: /Push to/,
  });
});
