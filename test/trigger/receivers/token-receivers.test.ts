import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../../shared/errors.ts';
import { parseGlob } from '../../../shared/glob/glob.ts';
import type { KeySource } from '../../../shared/trigger/jwt/key-source.ts';
import type { Claimed } from '../jwt/tokens.ts';
import { acrEventGridEntra, ENTRA_V2, entraToken } from '../senders/acr.ts';
import { deliver, requestOf } from '../senders/deliver.ts';
import type { SenderFixture } from '../senders/fixture.ts';
import { gar, googleToken } from '../senders/gar.ts';
import { jobToken, oidc } from '../senders/oidc.ts';
import { SECRET } from './samples.ts';

const [garPush] = gar.cases;
const [oidcPush] = oidc.cases;

async function statusOf(fixture: SenderFixture, token: string): Promise<number> {
  const [push = { body: {} }] = fixture.cases;
  const request = requestOf(fixture, { body: push.body, headers: { authorization: `Bearer ${token}` } });
  const { status, looks } = await deliver(fixture, request);
  assert.equal(looks, status === 202 ? 1 : 0);
  return status;
}

const ofGoogle: readonly { readonly name: string; readonly claims: Claimed; readonly status: number }[] = [
  { name: 'a token as Pub/Sub has it', claims: {}, status: 202 },
  { name: 'an issuer without its scheme', claims: { iss: 'accounts.google.com' }, status: 202 },
  { name: 'an issuer over http', claims: { iss: 'http://accounts.google.com' }, status: 401 },
  { name: 'another issuer', claims: { iss: 'https://accounts.google.com.evil.example' }, status: 401 },
  { name: 'another audience', claims: { aud: 'https://elsewhere.example' }, status: 401 },
  { name: 'another service account', claims: { email: 'evil@project.iam.gserviceaccount.com' }, status: 401 },
  {
    name: 'the account in another case',
    claims: { email: 'PUSH@project.iam.gserviceaccount.com' },
    status: 401,
  },
  { name: 'a list of accounts', claims: { email: ['push@project.iam.gserviceaccount.com'] }, status: 401 },
  { name: 'no e-mail', claims: { email: undefined }, status: 401 },
  { name: 'an e-mail that is not verified', claims: { email_verified: false }, status: 401 },
  { name: '"false" for verified', claims: { email_verified: 'false' }, status: 401 },
  { name: '"true" for verified', claims: { email_verified: 'true' }, status: 401 },
  { name: '1 for verified', claims: { email_verified: 1 }, status: 401 },
  { name: 'nothing about verified', claims: { email_verified: undefined }, status: 401 },
];
for (const { name, claims, status } of ofGoogle) {
  test(`gar, ${name}: ${status}`, async () => assert.equal(await statusOf(gar, googleToken(claims)), status));
}

const ofEntra: readonly { readonly name: string; readonly claims: Claimed; readonly status: number }[] = [
  { name: 'a token of version 1', claims: {}, status: 202 },
  { name: 'a token of version 2', claims: ENTRA_V2, status: 202 },
  {
    name: 'another tenant',
    claims: { iss: 'https://sts.windows.net/11111111-2c06-4b0a-9c4c-b2f3a1c8d001/' },
    status: 401,
  },
  { name: 'another application', claims: { appid: '11111111-9cdb-44cf-a8bf-237846a00ab7' }, status: 401 },
  { name: 'another application, version 2', claims: { ...ENTRA_V2, azp: 'x' }, status: 401 },
  { name: 'no application', claims: { appid: undefined }, status: 401 },
  { name: 'another audience', claims: { aud: 'https://management.azure.com' }, status: 401 },
];
for (const { name, claims, status } of ofEntra) {
  test(`acr-event-grid, ${name}: ${status}`, async () =>
    assert.equal(await statusOf(acrEventGridEntra, entraToken(claims)), status));
}

test('with Entra the secret in a header is nothing', async () => {
  const [push = { body: {} }] = acrEventGridEntra.cases;
  const request = requestOf(acrEventGridEntra, {
    body: push.body,
    headers: { authorization: '', 'x-landfall-secret': SECRET },
  });
  assert.equal((await deliver(acrEventGridEntra, request)).status, 401);
});

const ofJobs: readonly { readonly name: string; readonly claims: Claimed; readonly status: number }[] = [
  { name: 'the main branch', claims: {}, status: 202 },
  { name: 'a release branch', claims: { ref: 'refs/heads/release-1' }, status: 202 },
  { name: 'another repository of the owner', claims: { repository: 'octo/site' }, status: 202 },
  { name: 'a branch of somebody', claims: { ref: 'refs/heads/feature' }, status: 401 },
  { name: 'a branch below one that is let in', claims: { ref: 'refs/heads/release-1/x' }, status: 401 },
  { name: 'a tag called like the branch', claims: { ref: 'refs/tags/main' }, status: 401 },
  { name: 'another owner', claims: { repository: 'evil/app' }, status: 401 },
  { name: 'an owner that ends alike', claims: { repository: 'evil-octo/app' }, status: 401 },
  { name: 'a repository with more behind it', claims: { repository: 'octo/app/x' }, status: 401 },
  { name: 'no repository', claims: { repository: undefined }, status: 401 },
  { name: 'a list of repositories', claims: { repository: ['octo/app'] }, status: 401 },
  { name: 'null for a repository', claims: { repository: null }, status: 401 },
  { name: 'a ref in another case', claims: { ref: 'REFS/HEADS/MAIN' }, status: 401 },
];
for (const { name, claims, status } of ofJobs) {
  test(`oidc, ${name}: ${status}`, async () => assert.equal(await statusOf(oidc, jobToken(claims)), status));
}

const wanted = (claims: Readonly<Record<string, string>>): SenderFixture => ({
  ...oidc,
  entry: { ...oidc.entry, type: 'oidc', claims } as SenderFixture['entry'],
});
for (const { name, claims, has, status } of [
  { name: 'a number', claims: { project_id: '42' }, has: { project_id: 42 }, status: 202 },
  { name: 'a boolean', claims: { ref_protected: 'true' }, has: { ref_protected: true }, status: 202 },
  { name: 'another boolean', claims: { ref_protected: 'true' }, has: { ref_protected: false }, status: 401 },
  { name: 'a claim that every object has', claims: { toString: '*' }, has: {}, status: 401 },
  { name: 'a subject with slashes', claims: { sub: 'repo:octo/*:ref:refs/heads/*' }, has: {}, status: 202 },
]) {
  test(`oidc, ${name} as a claim: ${status}`, async () => {
    for (const glob of Object.values(claims)) parseGlob(glob);
    assert.equal(await statusOf(wanted(claims), jobToken(has)), status);
  });
}

test('without the keys of the issuer it cannot be said who calls: 503, and no reconcile', async () => {
  const find: KeySource['find'] = () => Promise.reject(new LandfallError('ISSUER_UNAVAILABLE', 'down'));
  for (const [fixture, one] of [
    [gar, garPush],
    [oidc, oidcPush],
  ] as const) {
    const down = { ...fixture, deps: { keys: { find } } };
    const { status, looks, code } = await deliver(down, requestOf(down, one ?? { body: {} }));
    assert.deepEqual({ status, looks, code }, { status: 503, looks: 0, code: 'ISSUER_UNAVAILABLE' });
  }
});

test('and whoever is refused without them is refused: 401', async () => {
  const asked: KeySource = { find: () => Promise.reject(new LandfallError('ISSUER_UNAVAILABLE', 'down')) };
  const down = { ...gar, deps: { keys: asked } };
  for (const token of ['', 'x', googleToken({ email: 'evil@example.org' }), googleToken({ exp: 0 })])
    assert.equal(await statusOf(down, token), 401);
});

test('why a token is refused is told to the log, in words of ours, and to nobody else', async () => {
  const [push = { body: {} }] = oidc.cases;
  const refused = jobToken({ repository: 'canary/app' });
  const headers = { authorization: `Bearer ${refused}` };
  const { answer, code, why } = await deliver(oidc, requestOf(oidc, { body: push.body, headers }));
  assert.deepEqual(
    { code, why },
    {
      code: 'WEBHOOK_UNAUTHENTICATED',
      why: 'came with a token whose claims are not those that are wanted',
    },
  );
  assert.doesNotMatch(JSON.stringify(answer), /claims|token|canary/);
});
