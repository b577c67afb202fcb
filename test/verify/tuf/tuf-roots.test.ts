import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { TRUSTED_ROOT_BYTES } from '../../../shared/limits.ts';
import { TRUST_PREFIX } from '../../../shared/store/layout.ts';
import { REFRESHED_EVERY_MS } from '../../../shared/verify/tuf/tuf-roots.ts';
import { openScaffold } from '../scaffold.ts';
import type { Published, TufRepository } from './tuf-repository.ts';
import { HOUR_MS, OUR_ROOT, openTuf } from './tuf-scene.ts';

const THEIRS = JSON.stringify((await openScaffold()).root);

test('a root by TUF is had once, kept for the next start, and neither looks nor other policies ask for it', async (t) => {
  const { tuf, start, inForce, verified, objects } = await openTuf(t);
  tuf.publish(OUR_ROOT);
  const first = start();
  assert.equal((await verified(first)).signatures.length, 1);
  const asked = [...tuf.requests];
  assert.deepEqual(asked.slice(0, 4), ['2.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json']);
  assert.equal(asked.length, 5);
  for (const trust of [first, start()]) {
    await inForce(trust);
    await verified(trust);
  }
  const keys: string[] = [];
  for await (const key of objects.list(TRUST_PREFIX)) keys.push(key);
  assert.equal(keys.length, 1);
  const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await inForce(start(), { identities: [], keys: [{ pem }], transparencyLog: false });
  assert.deepEqual(tuf.requests, asked);
});

test('says where a root is from, when it was refreshed, and until when it is good', async (t) => {
  const { tuf, url, start, inForce } = await openTuf(t);
  tuf.publish(OUR_ROOT, { expires: { snapshot: 3 } });
  const policy = await inForce(start());
  const day = new Date(Date.now() + 3 * 24 * HOUR_MS).toISOString().slice(0, 10);
  assert.ok(policy.provider === 'cosign' && policy.root !== undefined);
  assert.match(policy.root.where, new RegExp(`^${url} by TUF, refreshed 20\\d\\d-.*, good until ${day}T`));
});

test('a root is refreshed where something is verified a day later, through new keys, and is another policy then', async (t) => {
  const { tuf, clock, start, inForce, verified } = await openTuf(t);
  tuf.publish(OUR_ROOT);
  const trust = start();
  await verified(trust);
  const { digest } = await inForce(trust);
  tuf.publish(THEIRS, { versions: { root: 3, timestamp: 2, snapshot: 2, targets: 2 } });
  clock.move(REFRESHED_EVERY_MS - 1);
  tuf.requests.length = 0;
  await verified(trust);
  assert.deepEqual(tuf.requests, []);
  clock.move(1);
  assert.equal((await inForce(trust)).digest, digest);
  assert.deepEqual(tuf.requests, []);
  await assert.rejects(verified(trust), { code: 'SIGNATURE_REFUSED' });
  assert.equal(tuf.requests.filter((path) => path === '4.root.json').length, 1);
  for (const each of [trust, start()]) assert.notEqual((await inForce(each)).digest, digest);
});

const LATER = { root: 1, timestamp: 2, snapshot: 2, targets: 2 } as const;
type Spoil = (tuf: TufRepository) => void;
const anew =
  (published: Published, target = THEIRS): Spoil =>
  (tuf) =>
    void tuf.publish(target, { versions: LATER, ...published });
const HOSTILE: readonly (readonly [what: string, spoil: Spoil, why: RegExp])[] = [
  ['whose timestamp ran out', anew({ expires: { timestamp: -1 } }), /expired/],
  ['whose snapshot ran out', anew({ expires: { snapshot: -1 } }), /expired/i],
  ['whose targets ran out', anew({ expires: { targets: -1 } }), /expired/i],
  [
    'whose newest root ran out',
    anew({ versions: { ...LATER, root: 2 }, expires: { root: -1 } }),
    /root.json is expired/,
  ],
  ['with a timestamp by nobody', anew({ forged: 'timestamp' }), /signed by 0\/1|signature/i],
  ['with a snapshot by nobody', anew({ forged: 'snapshot' }), /signed by 0\/1|signature/i],
  ['with targets by nobody', anew({ forged: 'targets' }), /signed by 0\/1|signature/i],
  [
    'with a new root by nobody',
    anew({ versions: { ...LATER, root: 2 }, forged: 'root' }),
    /signed by 0\/1|signature/i,
  ],
  ['whose root is another one than its hash', anew({ said: { sha256: '0'.repeat(64) } }), /hash/i],
  [
    'whose root is over the limit',
    anew({ said: { length: TRUSTED_ROOT_BYTES + 1 } }),
    /1048577 bytes, wanted at most 1048576/,
  ],
  ['whose root is none', anew({}, '{}'), /mediaType/],
  [
    'whose timestamp has no end',
    (tuf) => void tuf.files.set('timestamp.json', 'endless'),
    /over 16384 bytes/,
  ],
  [
    'that redirects',
    (tuf) =>
      void tuf.files.set('timestamp.json', { status: 302, location: 'http://127.0.0.1:1/timestamp.json' }),
    /answered 302, wanted 200/,
  ],
  ['that fails', (tuf) => void tuf.files.set('timestamp.json', { status: 503 }), /answered 503/],
];
for (const [what, spoil, why] of HOSTILE) {
  test(`by a mirror ${what} nothing is verified`, async (t) => {
    const { tuf, start, verified } = await openTuf(t);
    tuf.publish(OUR_ROOT);
    spoil(tuf);
    await assert.rejects(verified(start()), { code: 'TRUST_UNAVAILABLE', message: why, kind: 'transient' });
  });
  test(`by a mirror ${what} nothing changes while the root from before is good, and it is told`, async (t) => {
    const { tuf, clock, start, inForce, verified } = await openTuf(t);
    tuf.publish(OUR_ROOT);
    const trust = start();
    await verified(trust);
    spoil(tuf);
    clock.move(REFRESHED_EVERY_MS);
    assert.equal((await verified(trust)).signatures.length, 1);
    const policy = await inForce(trust);
    assert.match((policy.provider === 'cosign' && policy.root?.where) || '', why);
    assert.equal((await verified(start())).signatures.length, 1);
  });
}

const AT_5 = { timestamp: 5, snapshot: 5, targets: 5 };
const OLDER: readonly (readonly [what: string, versions: NonNullable<Published['versions']>, why: RegExp])[] =
  [
    [
      'timestamp',
      { timestamp: 4, snapshot: 5, targets: 5 },
      /timestamp version 4 is less than current version 5/,
    ],
    [
      'snapshot',
      { timestamp: 6, snapshot: 4, targets: 5 },
      /snapshot version 4 is less than current version 5/,
    ],
    [
      'targets',
      { timestamp: 6, snapshot: 6, targets: 4 },
      /New version 4 of targets.json is less than current version 5/,
    ],
  ];
for (const [what, versions, why] of OLDER) {
  test(`an older ${what} than was known is refused, by another process too`, async (t) => {
    const { tuf, clock, start, inForce, verified } = await openTuf(t);
    tuf.publish(OUR_ROOT, { versions: AT_5 });
    await verified(start());
    tuf.publish(THEIRS, { versions });
    clock.move(REFRESHED_EVERY_MS);
    const trust = start();
    assert.equal((await verified(trust)).signatures.length, 1);
    const policy = await inForce(trust);
    assert.match((policy.provider === 'cosign' && policy.root?.where) || '', why);
  });
}

test('a mirror on a private or loopback address is asked only where the policy says that it may be', async (t) => {
  const { tuf, url, start, inForce } = await openTuf(t);
  tuf.publish(OUR_ROOT);
  const trustedRoot = { tuf: url, root: { pem: tuf.first } };
  await assert.rejects(inForce(start(), { trustedRoot }), {
    code: 'TRUST_UNAVAILABLE',
    message: /127\.0\.0\.1 is a loopback address/,
  });
  assert.deepEqual(tuf.requests, []);
});

test('a mirror needs a root to begin with; that of the public instance is built in', async (t) => {
  const { start, inForce } = await openTuf(t);
  await assert.rejects(inForce(start(), { trustedRoot: { tuf: 'https://tuf.example', local: true } }), {
    code: 'CONFIG_INVALID',
    message: /no root to begin with/,
  });
});
