import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError, LandfallError } from '../../../shared/errors.ts';
import type { FetchIssuerDocument } from '../../../shared/trigger/jwt/issuer-document.ts';
import { issuerKeys } from '../../../shared/trigger/jwt/issuer-keys.ts';
import { issuerAt } from '../../../shared/trigger/jwt/key-source.ts';
import { NOW } from '../receivers/samples.ts';
import { ISSUER, issuerKey, keySet } from './tokens.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const first = issuerKey('1');
const second = issuerKey('2');
const isUnavailable = (error: unknown): boolean =>
  isLandfallError(error) && error.code === 'ISSUER_UNAVAILABLE';

/** An issuer under the test's thumb: what it publishes, for how long, and whether it answers. */
function scripted() {
  const script = {
    now: NOW,
    discovery: { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` } as unknown,
    keySet: keySet(first) as unknown,
    maxAgeMs: undefined as number | undefined,
    down: false,
    asked: [] as string[],
  };
  const fetchDocument: FetchIssuerDocument = async (url) => {
    script.asked.push(url.href);
    await Promise.resolve();
    if (script.down) throw new LandfallError('ISSUER_UNAVAILABLE', 'down');
    const isKeys = url.pathname === '/keys';
    return {
      value: isKeys ? script.keySet : script.discovery,
      maxAgeMs: isKeys ? script.maxAgeMs : undefined,
    };
  };
  const source = issuerKeys({ fetchDocument, clock: { now: () => script.now } });
  const find = async (kid: string): Promise<string | undefined> =>
    (await source.find(issuerAt(ISSUER), { kid, algorithm: 'ES256' }))?.kid;
  return { script, find };
}

const DOCUMENTS = [`${ISSUER}/.well-known/openid-configuration`, `${ISSUER}/keys`];

test('both documents are asked for once, however many wait', async () => {
  const { script, find } = scripted();
  assert.deepEqual(await Promise.all(Array.from({ length: 50 }, () => find('1'))), Array(50).fill('1'));
  assert.deepEqual(script.asked, DOCUMENTS);
  await find('1');
  assert.deepEqual(script.asked, DOCUMENTS);
});

for (const { says, maxAgeMs, fresh } of [
  { says: 'nothing', maxAgeMs: undefined, fresh: HOUR },
  { says: 'no time at all', maxAgeMs: 0, fresh: 5 * MINUTE },
  { says: 'two hours', maxAgeMs: 2 * HOUR, fresh: 2 * HOUR },
  { says: 'a year', maxAgeMs: 365 * DAY, fresh: DAY },
]) {
  test(`keys of an issuer that says ${says} are used for ${fresh / MINUTE} minutes`, async () => {
    const { script, find } = scripted();
    script.maxAgeMs = maxAgeMs;
    await find('1');
    script.now += fresh - 1;
    await find('1');
    assert.equal(script.asked.length, 2);
    script.now += 1;
    await find('1');
    assert.equal(script.asked.length, 4);
  });
}

test('a key that is new is found, and one that is withdrawn is not', async () => {
  const { script, find } = scripted();
  await find('1');
  script.keySet = keySet(second);
  script.now += MINUTE;
  assert.equal(await find('2'), '2');
  assert.equal(await find('1'), undefined);
});

test('unknown keys have the issuer asked once a minute, whoever names them and however often', async () => {
  const { script, find } = scripted();
  await find('1');
  for (let at = 0; at < 100; at += 1) assert.equal(await find(`guess ${at}`), undefined);
  assert.equal(script.asked.length, 2);
  script.now += MINUTE;
  await Promise.all(Array.from({ length: 100 }, (_, at) => find(`guess ${at}`)));
  assert.equal(script.asked.length, 4);
  for (let at = 0; at < 100; at += 1) await find(`guess ${at}`);
  assert.equal(script.asked.length, 4);
});

test('keys that are known stay in use for a day while the issuer is down', async () => {
  const { script, find } = scripted();
  await find('1');
  script.down = true;
  script.now += HOUR + DAY - 1;
  assert.equal(await find('1'), '1');
  script.now += MINUTE;
  await assert.rejects(find('1'), isUnavailable);
});

test('an issuer that is down is asked once a minute while its keys are known', async () => {
  const { script, find } = scripted();
  await find('1');
  script.down = true;
  script.now += HOUR;
  for (let at = 0; at < 100; at += 1) assert.equal(await find('1'), '1');
  assert.equal(script.asked.length, 3);
  script.now += MINUTE;
  await find('1');
  assert.equal(script.asked.length, 4);
});

test('a key that may be new while the issuer is down is no stranger yet: it cannot be said', async () => {
  const { script, find } = scripted();
  await find('1');
  script.down = true;
  script.now += MINUTE;
  for (let at = 0; at < 100; at += 1) await assert.rejects(find('2'), isUnavailable);
  assert.equal(script.asked.length, 3);
  script.down = false;
  script.keySet = keySet(first, second);
  script.now += MINUTE;
  assert.equal(await find('2'), '2');
});

test('an issuer that never answered is asked every ten seconds, and found again', async () => {
  const { script, find } = scripted();
  script.down = true;
  await Promise.all(Array.from({ length: 50 }, () => assert.rejects(find('1'), isUnavailable)));
  script.now += 9_999;
  await assert.rejects(find('1'), isUnavailable);
  assert.equal(script.asked.length, 1);
  script.now += 1;
  script.down = false;
  assert.equal(await find('1'), '1');
});

const refused: readonly { readonly name: string; readonly discovery?: unknown; readonly keySet?: unknown }[] =
  [
    {
      name: 'a discovery document of another issuer',
      discovery: { issuer: 'https://evil.example', jwks_uri: `${ISSUER}/keys` },
    },
    { name: 'an issuer with a slash more', discovery: { issuer: `${ISSUER}/`, jwks_uri: `${ISSUER}/keys` } },
    { name: 'keys over plain http', discovery: { issuer: ISSUER, jwks_uri: 'http://issuer.example/keys' } },
    { name: 'keys in a file', discovery: { issuer: ISSUER, jwks_uri: 'file:///etc/passwd' } },
    { name: 'keys nowhere', discovery: { issuer: ISSUER } },
    { name: 'a relative jwks_uri', discovery: { issuer: ISSUER, jwks_uri: '/keys' } },
    { name: 'a discovery document that is a list', discovery: [] },
    { name: 'no keys', keySet: { keys: [] } },
    { name: 'no list of keys', keySet: { keys: { 0: first.jwk } } },
    { name: 'null for keys', keySet: null },
    { name: 'a shared secret for a key', keySet: { keys: [{ kty: 'oct', kid: '1', k: 'AAAA' }] } },
  ];
for (const { name, ...over } of refused) {
  test(`${name}: nothing can be said, and keys known before stay`, async () => {
    const { script, find } = scripted();
    const good = { ...script };
    Object.assign(script, over);
    await assert.rejects(find('1'), isUnavailable);
    Object.assign(script, { discovery: good.discovery, keySet: good.keySet, now: NOW + MINUTE });
    assert.equal(await find('1'), '1');
    Object.assign(script, over, { now: NOW + 2 * HOUR });
    assert.equal(await find('1'), '1');
  });
}
