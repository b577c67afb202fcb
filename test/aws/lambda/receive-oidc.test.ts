import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatCompiled } from '../../../shared/aws/configuration/compiled.ts';
import { TRIGGERS_VERSION } from '../../../shared/aws/configuration/triggers-in-force.ts';
import { parseRepository } from '../../../shared/oci/reference.ts';
import type { ReceiverEntry } from '../../../shared/source/receiver-entry.ts';
import { TRIGGERS_KEY } from '../../../shared/store/layout.ts';
import { receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';
import { folderFor } from '../../support/cli.ts';
import { bundleFunction } from '../../support/lambda/bundle-function.ts';
import { installationFor } from '../../support/lambda/installation.ts';
import { startLambda } from '../../support/lambda/lambda-process.ts';
import { startIssuer } from '../../trigger/jwt/issuer-server.ts';
import { type IssuerKey, issuerKey, keySet, token } from '../../trigger/jwt/tokens.ts';

const SECRET = 'canary-lambda-secret';
const key = issuerKey('job-1', 'RS256');

test('a function keeps the keys of an issuer from one invocation to the next', async (t) => {
  const [folder, { env, store, queue }] = [await folderFor(t), await installationFor(t, Date.now)];
  const issuer = await startIssuer(t, keySet(key));
  const entry: ReceiverEntry<'oidc'> = {
    ...{ name: 'ci', type: 'oidc', registry: 'registry.example', local: true },
    ...{ issuer: issuer.url, audience: 'landfall', claims: { repository: 'octo/*' } },
    secret: { value: SECRET },
  };
  const source = {
    ...{ namespace: 'web', name: 'app', ref: { tag: 'live' }, intervalMs: 60_000, suspend: false },
    repository: parseRepository('oci://registry.example/team/app'),
  };
  const triggers = { formatVersion: TRIGGERS_VERSION, sources: [source], receivers: [entry] } as const;
  await store.objects.putIfAbsent(TRIGGERS_KEY, formatCompiled(triggers));
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, issuer.ca);
  const { path: bundle } = await bundleFunction('receive', folder);
  const receive = await startLambda(t, bundle, { ...env, NODE_EXTRA_CA_CERTS: ca });
  const path = receiverPath(entry, SECRET);
  const post = async (signer: IssuerKey, repository = 'octo/app'): Promise<number> => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer.url, aud: 'landfall', repository, iat: now, nbf: now, exp: now + 300 };
    const { statusCode } = await receive.invoke<{ readonly statusCode: number }>({
      version: '2.0',
      rawPath: path,
      headers: { authorization: `Bearer ${token(signer, claims)}`, 'content-type': 'application/json' },
      requestContext: { http: { method: 'POST', path } },
      body: JSON.stringify({ repository: 'team/app', tag: 'live' }),
      isBase64Encoded: false,
    });
    return statusCode;
  };
  assert.equal(await post(key, 'evil/app'), 401);
  for (let count = 0; count < 3; count += 1) assert.equal(await post(key), 202);
  assert.equal(await post(issuerKey('job-1', 'RS256')), 401);
  assert.deepEqual(issuer.requests, ['/.well-known/openid-configuration', '/keys']);
  assert.ok(queue.messages.length > 0);
  assert.match(receive.lines.join('\n'), /"why":"came with a token whose signature is wrong"/);
  assert.doesNotMatch(receive.lines.join('\n'), /canary|eyJ/);
});
