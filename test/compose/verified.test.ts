import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { unverified } from '../../shared/deploy/unverified.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { reconcile } from '../../shared/reconcile/reconcile.ts';
import { composedOf } from '../../shared/source/composed/composed.ts';
import type { Source } from '../../shared/source/source.ts';
import { type InstallationPolicy, withPolicies } from '../../shared/verify/policy/installation-policy.ts';
import type { VerifyPolicy } from '../../shared/verify/policy/policy.ts';
import { payloadOf, pushLayers } from '../verify/signing.ts';
import { type ComposedWorld, openComposed } from './composed-world.ts';

const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pemOf = ({ publicKey }: { readonly publicKey: KeyObject }): string =>
  publicKey.export({ type: 'spki', format: 'pem' }).toString();
const VERIFY: VerifyPolicy = {
  provider: 'cosign',
  keys: [{ pem: pemOf(KEY) }],
  identities: [],
  transparencyLog: false,
  require: 'any',
};

const signed = ({ registry }: ComposedWorld, digest: Digest): void => {
  const payload = payloadOf(digest);
  pushLayers(registry, digest, [
    { payload, signature: sign('sha256', payload, KEY.privateKey).toString('base64') },
  ]);
};

const lookAll = async (world: ComposedWorld, change: (source: Source) => Source): Promise<void> => {
  for (const source of world.sources) await reconcile({ source: change(source), trigger: 'schedule' }, world);
};

const APP = 'include: [{ source: base }, { source: lib, to: lib }]';
const open = (): ComposedWorld => openComposed(['base', 'lib'], APP);
const withVerify =
  (...names: readonly string[]) =>
  (source: Source): Source =>
    names.includes(source.name) ? { ...source, verify: VERIFY } : source;

const REQUIRED = { verify: 'required' } as const;

describe('what is composed is as verified as its parts', () => {
  test('and as nobody where one of them is not', async () => {
    const world = open();
    signed(world, world.push('base', { a: '1' }));
    world.push('lib', { b: '1' });
    await lookAll(world, withVerify('base'));
    const { current, policy } = await world.statusOf('app');
    assert.ok(current);
    assert.equal(current.verification, undefined);
    const held = {
      entry: REQUIRED,
      source: { namespace: 'web', name: 'app' },
      current,
      policy: policy ?? null,
    };
    assert.match(unverified(held) ?? '', /is not verified, and the deploy wants it to be/);
  });

  test('by all who signed them', async () => {
    const world = open();
    for (const name of ['base', 'lib']) signed(world, world.push(name, { [name]: '1' }));
    await lookAll(world, withVerify('base', 'lib'));
    const { current, policy } = await world.statusOf('app');
    assert.ok(current);
    assert.equal(current.verification?.signatures.length, 2);
    assert.equal(current.verification?.provider, 'cosign');
    const held = {
      entry: REQUIRED,
      source: { namespace: 'web', name: 'app' },
      current,
      policy: policy ?? null,
    };
    assert.equal(unverified(held), undefined);
    const event = world.events('Artifact Revision Changed').at(-1);
    assert.ok(event?.['detail-type'] === 'Artifact Revision Changed');
    assert.equal(event.detail.verification?.signatures.length, 2);
  });

  test('a part under a policy that its revision does not meet is not composed of', async () => {
    const world = open();
    for (const name of ['base', 'lib']) world.push(name, { [name]: '1' });
    await lookAll(world, (source) => source);
    const before = (await world.statusOf('app')).current;
    world.push('base', { base: '2' });
    await lookAll(world, withVerify('lib'));
    const { current, failure } = await world.statusOf('app');
    assert.deepEqual(current, before, 'the last good stays');
    assert.equal(failure?.code, 'PART_NOT_READY');
    assert.match(
      failure?.message ?? '',
      /^web\/lib is at lib@sha256:.*, which is not verified under the policy/,
    );
  });

  test('a source that has verify wants each of its parts signed by somebody', async () => {
    const world = open();
    signed(world, world.push('base', { a: '1' }));
    world.push('lib', { b: '1' });
    const wanting = (source: Source): Source =>
      source.composed === undefined
        ? withVerify('base')(source)
        : { ...source, composed: { ...source.composed, isVerified: true } };
    await lookAll(world, wanting);
    const { current, failure } = await world.statusOf('app');
    assert.equal(current, null);
    assert.match(failure?.message ?? '', /^web\/lib is at .*, which nobody is known to have signed/);
  });

  test('policies of the installation hold for the parts, also those that are for what is composed of them', () => {
    const { sources } = open();
    const policies: readonly InstallationPolicy[] = [
      { name: 'apps', sources: ['web/app'], repositories: ['r.example/**'], verify: VERIFY },
      { name: 'elsewhere', sources: ['web/app'], repositories: ['other.example/**'], verify: VERIFY },
    ];
    const above = composedOf(sources);
    const named = sources.map((source) => [
      source.name,
      withPolicies(source, policies, above).policies?.map(({ name }) => name) ?? [],
    ]);
    assert.deepEqual(Object.fromEntries(named), { base: ['apps'], lib: ['apps'], app: [] });
  });
});
