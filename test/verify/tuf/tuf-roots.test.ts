import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mock, type TestContext, test } from 'node:test';
import { FAILED_ASK_MS, TRUST_REFRESH_MS, TRUSTED_ROOT_BYTES } from '../../../shared/limits.ts';
import { keptRoots } from '../../../shared/store/kept-roots.ts';
import { TRUST_PREFIX } from '../../../shared/store/layout.ts';
import { memoryObjectStore } from '../../../shared/store/memory/memory-object-store.ts';
import type { CosignPolicy } from '../../../shared/verify/policy/policy.ts';
import { policyInForce } from '../../../shared/verify/policy/policy-in-force.ts';
import type { TrustSources } from '../../../shared/verify/policy/trust-sources.ts';
import { REFRESHED_EVERY_MS } from '../../../shared/verify/tuf/tuf-roots.ts';
import { verifyDigest } from '../../../shared/verify/verify.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { OURS, repository, scene } from '../keyless-scene.ts';
import { openScaffold, WORKFLOW } from '../scaffold.ts';
import { pushBundle } from '../signing.ts';
import { type Published, TufRepository } from './tuf-repository.ts';

const ROOT = JSON.stringify(OURS.root);
const THEIRS = JSON.stringify((await openScaffold()).root);
const HOUR_MS = 3_600_000;

/** A store that several processes share, a mirror, and something that our workflow signed. */
async function open(t: TestContext) {
  const tuf = new TufRepository();
  const url = await tuf.open(t);
  const clock = movedClock(Date.now());
  const objects = memoryObjectStore();
  const at = scene();
  pushBundle(at.registry, at.digest, await OURS.bundle(at.digest, WORKFLOW));
  const start = (): TrustSources => ({
    kmsKey: () => assert.fail('no KMS'),
    clock,
    env: {},
    kept: keptRoots(objects),
  });
  const inForce = (trust: TrustSources, more: Partial<CosignPolicy> = {}) =>
    policyInForce(
      {
        provider: 'cosign',
        keys: [],
        identities: [WORKFLOW],
        transparencyLog: true,
        require: 'any',
        trustedRoot: { tuf: url, root: { pem: tuf.first }, local: true },
        ...more,
      },
      { trust },
    );
  const verified = async (trust: TrustSources) =>
    verifyDigest({ repository, digest: at.digest, policy: await inForce(trust) }, at.registry);
  return { tuf, url, clock, objects, start, inForce, verified };
}

test('a root by TUF is had once, kept for the next start, and neither looks nor other policies ask for it', async (t) => {
  const { tuf, start, inForce, verified, objects } = await open(t);
  tuf.publish(ROOT);
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
  const { tuf, url, start, inForce } = await open(t);
  tuf.publish(ROOT, { expires: { snapshot: 3 } });
  const policy = await inForce(start());
  const day = new Date(Date.now() + 3 * 24 * HOUR_MS).toISOString().slice(0, 10);
  assert.ok(policy.provider === 'cosign' && policy.root !== undefined);
  assert.match(policy.root.where, new RegExp(`^${url} by TUF, refreshed 20\\d\\d-.*, good until ${day}T`));
});

test('a root is refreshed where something is verified a day later, through new keys, and is another policy then', async (t) => {
  const { tuf, clock, start, inForce, verified } = await open(t);
  tuf.publish(ROOT);
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
    const { tuf, start, verified } = await open(t);
    tuf.publish(ROOT);
    spoil(tuf);
    await assert.rejects(verified(start()), { code: 'TRUST_UNAVAILABLE', message: why, kind: 'transient' });
  });
  test(`by a mirror ${what} nothing changes while the root from before is good, and it is told`, async (t) => {
    const { tuf, clock, start, inForce, verified } = await open(t);
    tuf.publish(ROOT);
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
    const { tuf, clock, start, inForce, verified } = await open(t);
    tuf.publish(ROOT, { versions: AT_5 });
    await verified(start());
    tuf.publish(THEIRS, { versions });
    clock.move(REFRESHED_EVERY_MS);
    const trust = start();
    assert.equal((await verified(trust)).signatures.length, 1);
    const policy = await inForce(trust);
    assert.match((policy.provider === 'cosign' && policy.root?.where) || '', why);
  });
}

test('a root that ran out verifies nothing where the mirror is silent or stands still, and looks go on', async (t) => {
  const { tuf, clock, start, inForce, verified } = await open(t);
  tuf.publish(ROOT);
  await verified(start());
  clock.move(8 * 24 * HOUR_MS);
  const trust = start();
  const still = { code: 'TRUST_UNAVAILABLE', message: /ran out at 20\d\d-/ };
  await assert.rejects(verified(trust), still);
  tuf.files.set('timestamp.json', { status: 500 });
  await assert.rejects(verified(trust), still);
  tuf.requests.length = 0;
  await inForce(trust);
  assert.deepEqual(tuf.requests, []);
});

test('a mirror that failed is left alone for a while, as long as the root is good', async (t) => {
  const { tuf, clock, start, verified } = await open(t);
  tuf.publish(ROOT);
  const trust = start();
  await verified(trust);
  tuf.files.set('timestamp.json', { status: 500 });
  clock.move(REFRESHED_EVERY_MS);
  await verified(trust);
  tuf.requests.length = 0;
  await verified(trust);
  assert.deepEqual(tuf.requests, []);
  clock.move(HOUR_MS);
  await verified(trust);
  assert.ok(tuf.requests.length > 0);
});

test('a mirror that failed is left alone for a minute where no root is kept, or the one that is ran out', async (t) => {
  const { tuf, clock, start, inForce, verified } = await open(t);
  const trust = start();
  const gone = { code: 'TRUST_UNAVAILABLE', message: /answered 404/ } as const;
  await assert.rejects(inForce(trust), gone);
  tuf.publish(ROOT);
  tuf.requests.length = 0;
  clock.move(FAILED_ASK_MS - 1);
  for (const ask of [inForce, verified]) await assert.rejects(ask(trust), gone);
  assert.deepEqual(tuf.requests, []);
  clock.move(1);
  await verified(trust);
  clock.move(8 * 24 * HOUR_MS);
  await assert.rejects(verified(trust), { message: /ran out at/ });
  tuf.requests.length = 0;
  await inForce(trust);
  await assert.rejects(verified(trust), { message: /ran out at/ });
  assert.deepEqual(tuf.requests, []);
  clock.move(FAILED_ASK_MS);
  await assert.rejects(verified(trust), { message: /ran out at/ });
  assert.ok(tuf.requests.length > 0);
});

test('a refresh ends in time', async (t) => {
  const { tuf, start, verified } = await open(t);
  tuf.files.set('timestamp.json', 'silent');
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const asked = verified(start());
  while (!tuf.requests.includes('timestamp.json')) await new Promise(setImmediate);
  mock.timers.tick(TRUST_REFRESH_MS);
  await assert.rejects(asked, { code: 'TRUST_UNAVAILABLE', message: /no complete answer within 10 s/ });
});

test('many that need a root at once ask for it once', async (t) => {
  const { tuf, start, verified } = await open(t);
  tuf.publish(ROOT);
  const trust = start();
  await Promise.all(Array.from({ length: 10 }, () => verified(trust)));
  assert.equal(tuf.requests.filter((path) => path === 'timestamp.json').length, 1);
});

test('what is kept and cannot be read is had anew, once, and replaced', async (t) => {
  const { tuf, objects, clock, start, verified } = await open(t);
  tuf.publish(ROOT);
  await verified(start());
  const spoil = async (): Promise<void> => {
    for await (const key of objects.list(TRUST_PREFIX)) {
      const { version } = (await objects.get(key)) ?? {};
      await objects.replace(key, Buffer.from('{}'), version);
    }
  };
  await spoil();
  tuf.requests.length = 0;
  const trust = start();
  assert.equal((await verified(trust)).signatures.length, 1);
  assert.ok(tuf.requests.includes('timestamp.json'));
  tuf.requests.length = 0;
  assert.equal((await verified(start())).signatures.length, 1);
  assert.deepEqual(tuf.requests, []);
  // One that has a root from before replaces it, too.
  await spoil();
  clock.move(REFRESHED_EVERY_MS);
  await verified(trust);
  tuf.requests.length = 0;
  await verified(start());
  assert.deepEqual(tuf.requests, []);
});

test('a mirror on a private or loopback address is asked only where the policy says that it may be', async (t) => {
  const { tuf, url, start, inForce } = await open(t);
  tuf.publish(ROOT);
  const trustedRoot = { tuf: url, root: { pem: tuf.first } };
  await assert.rejects(inForce(start(), { trustedRoot }), {
    code: 'TRUST_UNAVAILABLE',
    message: /127\.0\.0\.1 is a loopback address/,
  });
  assert.deepEqual(tuf.requests, []);
});

test('a mirror needs a root to begin with; that of the public instance is built in', async (t) => {
  const { start, inForce } = await open(t);
  await assert.rejects(inForce(start(), { trustedRoot: { tuf: 'https://tuf.example', local: true } }), {
    code: 'CONFIG_INVALID',
    message: /no root to begin with/,
  });
});
