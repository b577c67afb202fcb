import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unverified } from '../../shared/deploy/unverified.ts';
import type { Revision } from '../../shared/model/status.ts';
import { verifyComposed } from '../../shared/reconcile/composed.ts';
import { reconcile } from '../../shared/reconcile/reconcile.ts';
import { rollback } from '../../shared/reconcile/rollback.ts';
import { composedOf } from '../../shared/source/composed/composed.ts';
import type { Source } from '../../shared/source/source.ts';
import { readStatus } from '../../shared/store/status-store.ts';
import { type InstallationPolicy, withPolicies } from '../../shared/verify/policy/installation-policy.ts';
import { openWorld } from '../support/stores/memory-sources.ts';
import { type ComposedWorld, inDocuments, openComposed, sourcesIn } from './composed-world.ts';
import { PART_POLICY, signPart } from './signed-parts.ts';

const lookAll = async (world: ComposedWorld, change: (source: Source) => Source): Promise<void> => {
  const sources = world.sources.map(change);
  const deps = { ...world, sourceOf: inDocuments(sources) };
  for (const source of sources) await reconcile({ source, trigger: 'schedule' }, deps);
};

const wantingAll = (source: Source): Source =>
  source.composed === undefined ? source : { ...source, composed: { ...source.composed, isVerified: true } };

const APP = 'include: [{ source: base }, { source: lib, to: lib }]';
const open = (): ComposedWorld => openComposed(['base', 'lib'], APP);
const withVerify =
  (...names: readonly string[]) =>
  (source: Source): Source =>
    names.includes(source.name) ? { ...source, verify: PART_POLICY } : source;

const withSuspend = (source: Source): Source => ({ ...source, suspend: source.composed === undefined });

const REQUIRED = { verify: 'required' } as const;

describe('what is composed is as verified as its parts', () => {
  test('and as nobody where one of them is not', async () => {
    const world = open();
    signPart(world, world.push('base', { a: '1' }));
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
    for (const name of ['base', 'lib']) signPart(world, world.push(name, { [name]: '1' }));
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

  test('and as nobody again once one of them is not known to be signed any more', async () => {
    const world = open();
    for (const name of ['base', 'lib']) signPart(world, world.push(name, { [name]: '1' }));
    await lookAll(world, withVerify('base', 'lib'));
    const before = (await world.statusOf('app')).current;
    await lookAll(world, withVerify('base'));
    const { current } = await world.statusOf('app');
    assert.equal(current?.revision, before?.revision);
    assert.equal((await world.statusOf('lib')).current?.verification, undefined);
    assert.equal(current?.verification, undefined);
    await lookAll(world, withVerify('base', 'lib'));
    assert.deepEqual((await world.statusOf('app')).current, before);
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
    signPart(world, world.push('base', { a: '1' }));
    world.push('lib', { b: '1' });
    const wanting = (source: Source): Source =>
      source.composed === undefined ? withVerify('base')(source) : wantingAll(source);
    await lookAll(world, wanting);
    const { current, failure } = await world.statusOf('app');
    assert.equal(current, null);
    assert.match(failure?.message ?? '', /^web\/lib is at .*, which nobody is known to have signed/);
  });

  for (const [when, changed] of [
    ['that has come into force', withVerify('lib')],
    ['of a part that its document suspends', (source: Source) => withSuspend(withVerify('lib')(source))],
  ] as const)
    test(`the policy ${when} holds before the part itself has been looked at`, async () => {
      const world = open();
      for (const name of ['base', 'lib']) world.push(name, { [name]: '1' });
      const parts = world.sources.filter(({ name }) => name !== 'app');
      for (const source of parts) await reconcile({ source, trigger: 'schedule' }, world);
      const sources = world.sources.map(changed);
      const app = sources.find(({ name }) => name === 'app');
      assert.ok(app);
      const look = () =>
        reconcile({ source: app, trigger: 'schedule' }, { ...world, sourceOf: inDocuments(sources) });
      await look();
      const { current, failure } = await world.statusOf('app');
      assert.equal(current, null);
      assert.equal(failure?.code, 'PART_NOT_READY');
      assert.match(failure?.message ?? '', /^web\/lib is at .*, which is not verified under the policy/);
    });

  test('nor does what was composed of such a part before bring it in', async () => {
    const world = open();
    for (const name of ['base', 'lib']) world.push(name, { [name]: '1' });
    await lookAll(world, (source) => source);
    const [app] = world.sources.filter(({ name }) => name === 'app');
    assert.ok(app?.composed);
    const include = [{ source: 'web/app' }];
    const above = {
      ...app,
      name: 'above',
      url: 'landfall://web/above',
      composed: { ...app.composed, include },
    };
    const look = async (change: (source: Source) => Source) => {
      const sources = [...world.sources.map(change), above];
      await reconcile({ source: above, trigger: 'schedule' }, { ...world, sourceOf: inDocuments(sources) });
      return world.statusOf('above');
    };
    const refused = await look(withVerify('lib'));
    assert.equal(refused.current, null);
    assert.match(
      refused.failure?.message ?? '',
      /^web\/app is composed of what may not be taken: web\/lib is at .*, which is not verified/,
    );
    assert.equal((await look((source) => source)).failure, null, 'without the policy nothing is in its way');
  });

  test('nor does a composed part that has come to want each of its own signed', async () => {
    const parts = '{ name: app, namespace: web, include: [{ source: lib }] }';
    const sources = sourcesIn(
      `sources: [{ name: lib, namespace: web, url: "oci://r.example/site", ref: { tag: lib } }, ${parts},
        { name: above, namespace: web, include: [{ source: app }] }]`,
    );
    const world = openWorld();
    world.push('lib', { a: '1' });
    for (const source of sources.slice(0, 2))
      await world.look(source, { deps: { sourceOf: inDocuments(sources) } });
    const changed = sources.map((source) => (source.name === 'app' ? wantingAll(source) : source));
    const above = changed.find(({ name }) => name === 'above');
    assert.ok(above);
    await world.look(above, { deps: { sourceOf: inDocuments(changed) } });
    const { current, failure } = (await readStatus(world.store.objects, above))?.status ?? {};
    assert.equal(current, null);
    assert.match(failure?.message ?? '', /^web\/app is at .*, which nobody is known to have signed/);
  });

  test('each part of parts is looked at once, by however many ways it is reached', async () => {
    const levels = Array.from({ length: 10 }, (_, at) => at);
    const entries = levels.flatMap((at) =>
      ['a', 'b'].map((name) =>
        at === 0
          ? `{ name: ${name}0, namespace: web, url: "oci://r.example/site", ref: { tag: lib } }`
          : `{ name: ${name}${at}, namespace: web, include: [{ source: a${at - 1} }, { source: b${at - 1} }] }`,
      ),
    );
    const sources = sourcesIn(`sources: [${entries.join(', ')}]`);
    const world = openWorld();
    world.push('lib', { a: '1' });
    let reads = 0;
    const { objects } = world.store;
    const get: typeof objects.get = (...call) => {
      reads += 1;
      return objects.get(...call);
    };
    const store = { ...world.store, objects: { ...objects, get } };
    for (const source of sources) {
      reads = 0;
      await world.look(source, { deps: { store, sourceOf: inDocuments(sources) } });
      assert.ok(reads <= 60, `${source.name}: ${reads} reads`);
    }
    assert.ok((await readStatus(objects, { namespace: 'web', name: 'b9' }))?.status.current);
  });

  test('a part that no document in force has is waited for', async () => {
    const world = open();
    for (const name of ['base', 'lib']) world.push(name, { [name]: '1' });
    await lookAll(world, (source) => source);
    const [app] = world.sources.filter(({ name }) => name === 'app');
    assert.ok(app);
    const others = world.sources.filter(({ name }) => name !== 'lib');
    await reconcile({ source: app, trigger: 'schedule' }, { ...world, sourceOf: inDocuments(others) });
    assert.match(
      (await world.statusOf('app')).failure?.message ?? '',
      /^web\/lib is in no document that could be read/,
    );
  });

  describe('a rollback to what not all of have signed', () => {
    const landed = async () => {
      const world = open();
      for (const name of ['base', 'lib']) world.push(name, { [name]: '1' });
      await lookAll(world, (source) => source);
      for (const name of ['base', 'lib']) signPart(world, world.push(name, { [name]: '2' }));
      await lookAll(world, withVerify('base', 'lib'));
      const { current, history } = await world.statusOf('app');
      assert.equal(current?.verification?.signatures.length, 2);
      const [older] = history;
      assert.ok(older);
      const back = (change?: (source: Source) => Source) => {
        const sources = world.sources.map(change ?? ((source) => source));
        const source = sources.find(({ name }) => name === 'app');
        assert.ok(source);
        const deps = { ...world, sourceOf: inDocuments(sources) };
        const verify = (revision: Revision) => verifyComposed({ source, revision }, deps, {});
        const given = change === undefined ? {} : { verify };
        return rollback({ namespace: 'web', name: 'app', to: older.digest }, { ...world, ...given });
      };
      return { world, back, older };
    };

    test('is refused without the documents where what is current is signed', async () => {
      const { back } = await landed();
      await assert.rejects(back(), { code: 'SIGNATURE_REFUSED', message: /nobody is known to have signed/ });
    });

    test('is refused by documents that want each part signed', async () => {
      const { back } = await landed();
      await assert.rejects(back(wantingAll), {
        code: 'SIGNATURE_REFUSED',
        message: /nobody is known to have signed each of its parts/,
      });
    });

    test('is refused by the policy of a part', async () => {
      const { back } = await landed();
      await assert.rejects(back(withVerify('lib')), {
        code: 'SIGNATURE_REFUSED',
        message: /web\/lib is at .*, which is not verified/,
      });
    });

    test('goes by documents that want nobody to sign', async () => {
      const { world, back, older } = await landed();
      assert.equal((await back((source) => source)).digest, older.digest);
      assert.equal((await world.statusOf('app')).policy, null);
    });

    test('and back to what all have signed keeps who did', async () => {
      const { world, back } = await landed();
      await lookAll(world, wantingAll);
      const { current } = await world.statusOf('app');
      assert.ok(current);
      await back((source) => source);
      const again = { namespace: 'web', name: 'app', to: current.digest };
      assert.deepEqual((await rollback(again, world)).verification, current.verification);
    });
  });

  test('policies of the installation hold for the parts, also those that are for what is composed of them', () => {
    const { sources } = open();
    const policies: readonly InstallationPolicy[] = [
      { name: 'apps', sources: ['web/app'], repositories: ['r.example/**'], verify: PART_POLICY },
      { name: 'elsewhere', sources: ['web/app'], repositories: ['other.example/**'], verify: PART_POLICY },
    ];
    const above = composedOf(sources);
    const named = sources.map((source) => [
      source.name,
      withPolicies(source, policies, above).policies?.map(({ name }) => name) ?? [],
    ]);
    assert.deepEqual(Object.fromEntries(named), { base: ['apps'], lib: ['apps'], app: [] });
  });
});
