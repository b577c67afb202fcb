import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeRealm, type RealmOwner } from '../../../shared/registry/auth/realm.ts';
import { failure } from '../scripted-registry.ts';

const owner = (
  registry: string,
  hostname = registry.replace(/:\d+$/, ''),
  plainHttp = false,
): RealmOwner => ({
  registry,
  hostname,
  plainHttp,
  isAnonymous: false,
  tokenService: undefined,
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
  [owner('registry.eu.corp.example'), 'https://auth.corp.example/token'],
  [owner('registry.example.com'), 'https://x.y.example.com/token'],
  [owner('registry.example.co.uk'), 'https://auth.example.co.uk/token'],
  [owner('registry.digitalocean.com'), 'https://api.digitalocean.com/v2/registry/auth'],
  [owner('lscr.io'), 'https://ghcr.io/token'],
  [owner('rg.fr-par.scw.cloud'), 'https://api.scaleway.com/registry-internal/v1/regions/fr-par/tokens'],
  [owner('registry.cn-hangzhou.aliyuncs.com'), 'https://dockerauth.cn-hangzhou.aliyuncs.com/auth'],
  [owner('team-registry.cn-hangzhou.cr.aliyuncs.com'), 'https://dockerauth-ee.cn-hangzhou.aliyuncs.com/auth'],
  [owner('registry.team.duckdns.org'), 'https://auth.team.duckdns.org/token'],
  [owner('registry.tail1234.ts.net'), 'https://auth.tail1234.ts.net/token'],
  [owner('r.example.com:5000'), 'https://r.example.com:5001/token'],
  [owner('127.0.0.1:5000', '127.0.0.1', true), 'http://127.0.0.1:5001/token'],
];
for (const [by, realm] of ALLOWED) {
  test(`${by.registry} may use ${realm}`, async () =>
    assert.equal((await judgeRealm(realm, by)).origin, new URL(realm).origin));
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
  [owner('ghcr.io'), 'https://lscr.io/token'],
  [owner('lscr.io.evil.example'), 'https://ghcr.io/token'],
  [owner('rg.fr-par.scw.cloud'), 'https://evil.scw.cloud/token'],
  [owner('evil.functions.fnc.fr-par.scw.cloud'), 'https://api.scaleway.com/token'],
  [owner('registry.cn-hangzhou.aliyuncs.com'), 'https://bucket.oss-cn-hangzhou.aliyuncs.com/auth'],
  [owner('registry.cn-hangzhou.aliyuncs.com'), 'https://dockerauth.evil.example/auth'],
  [owner('team.github.io'), 'https://evil.github.io/token'],
  [owner('github.io'), 'https://github.io.evil.example/token'],
  [owner('registry'), 'https://auth/token'],
  [owner('registry.internal'), 'https://auth.internal/token'],
  [owner('registry.a.svc.cluster.local'), 'https://auth.b.svc.cluster.local/token'],
  [owner('[fd00::1]:5000', '[fd00::1]'), 'https://[fd00::2]/token'],
  [owner('registry.co.uk'), 'https://evil.co.uk/token'],
  [owner('registry.com.au'), 'https://evil.com.au/token'],
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
  test(`a registry under ${parent} may not have a neighbour sent its password`, async () => {
    const by = owner(`registry.${parent}`);
    await assert.rejects(judgeRealm(`https://stranger.${parent}/token`, by), failure('REALM_DENIED'));
    assert.equal((await judgeRealm(`https://registry.${parent}/token`, by)).secure, true);
  });
}

for (const [by, realm] of DENIED) {
  test(`${by.registry} may not use ${JSON.stringify(realm.slice(0, 60))}`, async () => {
    await assert.rejects(judgeRealm(realm, by), failure('REALM_DENIED', /Nothing was sent/));
  });
}

const ELSEWHERE = 'https://auth.elsewhere.example:8443/token';

test('a token service elsewhere is refused with the key that would allow it', async () => {
  await assert.rejects(
    judgeRealm(ELSEWHERE, owner('r.example.com:5000')),
    failure(
      'REALM_DENIED',
      /on another host: auth\.elsewhere\.example:8443/,
      /`tokenService: https:\/\/auth\.elsewhere\.example:8443` in its credentials entry/,
      /--registry-token-service r\.example\.com:5000=https:\/\/auth\.elsewhere\.example:8443/,
    ),
  );
});

test('what an entry names is a token service, of its port and scheme alone', async () => {
  const named = { ...owner('r.example.com'), tokenService: 'https://auth.elsewhere.example:8443' };
  assert.equal((await judgeRealm(ELSEWHERE, named)).hostname, 'auth.elsewhere.example');
  for (const other of [
    'https://auth.elsewhere.example/token',
    'https://evil.elsewhere.example:8443/token',
    'https://auth.elsewhere.example:8443.evil.example/token',
    'http://auth.elsewhere.example:8443/token',
  ]) {
    await assert.rejects(judgeRealm(other, named), failure('REALM_DENIED'), other);
  }
});

test('a plain token service is asked where both registry and entry are plain', async () => {
  const tokenService = 'http://auth.corp.example:5001';
  const plain = { ...owner('r.corp.example:5000', 'r.corp.example', true), tokenService };
  assert.equal((await judgeRealm(`${tokenService}/token`, plain)).secure, false);
  const secure = { ...plain, plainHttp: false };
  await assert.rejects(judgeRealm(`${tokenService}/token`, secure), failure('REALM_DENIED', /not https/));
});

for (const plainHttp of [false, true])
  test(`without a credential any https host may be asked for a token, and http ones still may not, by a registry over ${plainHttp ? 'http' : 'https'}`, async () => {
    const anonymous = { ...owner('r.example.com', 'r.example.com', plainHttp), isAnonymous: true };
    assert.equal((await judgeRealm(ELSEWHERE, anonymous)).origin, new URL(ELSEWHERE).origin);
    for (const realm of [
      'http://auth.elsewhere.example/token',
      'http://169.254.169.254/latest/meta-data',
      'https://user:pw@auth.elsewhere.example/token',
      'file:///etc/passwd',
    ]) {
      await assert.rejects(judgeRealm(realm, anonymous), failure('REALM_DENIED', /Nothing was sent/), realm);
    }
  });
