import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeRealm, type RealmOwner } from '../../shared/registry/realm.ts';
import { failure } from './scripted-registry.ts';

const owner = (
  registry: string,
  hostname = registry.replace(/:\d+$/, ''),
  plainHttp = false,
): RealmOwner => ({
  registry,
  hostname,
  plainHttp,
});
const HUB = owner('docker.io', 'registry-1.docker.io');

const ALLOWED: readonly (readonly [RealmOwner, string])[] = [
  [HUB, 'https://auth.docker.io/token'],
  [owner('ghcr.io'), 'https://ghcr.io/token'],
  [owner('quay.io'), 'https://quay.io/v2/auth'],
  [owner('x.azurecr.io'), 'https://x.azurecr.io/oauth2/token'],
  [owner('public.ecr.aws'), 'https://public.ecr.aws/token/'],
  [owner('registry.gitlab.com'), 'https://gitlab.com/jwt/auth'],
  [owner('registry.corp.example:5050'), 'https://gitlab.corp.example/jwt/auth'],
  [owner('registry.example.com'), 'https://auth.example.com/token?a=b'],
  [owner('registry.team.duckdns.org'), 'https://auth.team.duckdns.org/token'],
  [owner('registry.tail1234.ts.net'), 'https://auth.tail1234.ts.net/token'],
  [owner('r.example.com:5000'), 'https://r.example.com:5001/token'],
  [owner('127.0.0.1:5000', '127.0.0.1', true), 'http://127.0.0.1:5001/token'],
];
for (const [by, realm] of ALLOWED) {
  test(`${by.registry} may use ${realm}`, () =>
    assert.equal(judgeRealm(realm, by).origin, new URL(realm).origin));
}

const DENIED: readonly (readonly [RealmOwner, string])[] = [
  [HUB, 'https://evil.example/token'],
  [HUB, 'http://auth.docker.io/token'],
  [HUB, 'https://auth.docker.io.evil.example/token'],
  [owner('ghcr.io'), 'https://github.io/token'],
  [owner('ghcr.io'), 'https://evil.io/token'],
  [owner('ghcr.io'), 'http://ghcr.io/token'],
  [owner('a.azurecr.io'), 'https://b.azurecr.io/token'],
  [owner('1.dkr.ecr.eu-west-1.amazonaws.com'), 'https://2.dkr.ecr.eu-west-1.amazonaws.com/'],
  [owner('registry.co.uk'), 'https://evil.co.uk/token'],
  [owner('registry.com.au'), 'https://evil.com.au/token'],
  [owner('registry.example.com'), 'https://x.y.example.com/token'],
  [owner('10.0.0.1:5000'), 'https://11.0.0.1/token'],
  [owner('10.0.0.1:5000'), 'https://0.0.1/token'],
  [owner('127.0.0.1:5000', '127.0.0.1', true), 'http://127.0.0.2/token'],
  [owner('127.0.0.1:5000', '127.0.0.1', true), 'http://169.254.169.254/latest/meta-data'],
  [owner('ghcr.io'), 'https://user:pw@ghcr.io/token'],
  [owner('ghcr.io'), 'https://ghcr.io\\@evil.example/token'],
  [owner('ghcr.io'), 'ghcr.io/token'],
  [owner('ghcr.io'), ''],
  [owner('ghcr.io'), 'file:///etc/passwd'],
  [owner('ghcr.io'), `https://ghcr.io/${'a'.repeat(3000)}`],
];
/** Under these strangers rent names: a neighbour is nobody's own. */
const RENTED = [
  ...['westeurope.cloudapp.azure.com', 'small.westeurope.azurecontainerapps.io', 'a.run.app', 'azurecr.io'],
  ...['onrender.com', 'up.railway.app', 'netlify.app', 'pages.dev', 'trycloudflare.com', 'ngrok-free.app'],
  ...['duckdns.org', 'dyndns.org', 'ddns.net', 'no-ip.org', 'sslip.io', 'nip.io', 'ondigitalocean.app'],
  ...['amazonaws.com', 'gitlab.io', 'web.app', 'koyeb.app', 'traefik.me', 'appspot.com'],
];
for (const parent of RENTED) {
  test(`a registry under ${parent} may not have a neighbour sent its password`, () => {
    const by = owner(`registry.${parent}`);
    assert.throws(() => judgeRealm(`https://stranger.${parent}/token`, by), failure('REALM_DENIED'));
    assert.equal(judgeRealm(`https://registry.${parent}/token`, by).secure, true);
  });
}

for (const [by, realm] of DENIED) {
  test(`${by.registry} may not use ${JSON.stringify(realm.slice(0, 60))}`, () => {
    assert.throws(() => judgeRealm(realm, by), failure('REALM_DENIED', /Nothing was sent/));
  });
}
