import assert from 'node:assert/strict';
import { rm, utimes } from 'node:fs/promises';
import { test } from 'node:test';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { createHome, repositoryOf, stoppedClock } from './home.ts';

const registry = 'r.example';
const app = repositoryOf('r.example/app');

test('reads a secret again when its file changed, and not before', async (t) => {
  const home = await createHome(t);
  const file = await home.write('token', 'one');
  const clock = stoppedClock();
  const resolver = createAccessResolver({
    env: home.env,
    clock,
    credentials: [{ registry, registryToken: { file } }],
  });
  const first = await resolver.access(app);
  assert.deepEqual(first.credential, { kind: 'registry-token', token: 'one' });
  clock.move(60_000);
  assert.equal(await resolver.access(app), first, 'an unchanged file gives the very same answer');
  await home.write('token', 'second');
  assert.equal(await resolver.access(app), first, 'files are not looked at more than once a second');
  clock.move(1_000);
  assert.deepEqual((await resolver.access(app)).credential, { kind: 'registry-token', token: 'second' });
});

test('sees a change of the same length by its time', async (t) => {
  const home = await createHome(t);
  const file = await home.write('token', 'one');
  const clock = stoppedClock();
  const resolver = createAccessResolver({
    env: home.env,
    clock,
    credentials: [{ registry, registryToken: { file } }],
  });
  await resolver.access(app);
  await home.write('token', 'two');
  await utimes(file, 1, 1);
  clock.move(1_000);
  assert.deepEqual((await resolver.access(app)).credential, { kind: 'registry-token', token: 'two' });
});

test('sees a docker config that comes and goes', async (t) => {
  const home = await createHome(t);
  const clock = stoppedClock();
  const resolver = createAccessResolver({ env: home.env, clock });
  const kindOf = async () => {
    clock.move(1_000);
    return (await resolver.access(app)).credential.kind;
  };
  assert.equal(await kindOf(), 'anonymous');
  const config = JSON.stringify({ auths: { [registry]: { username: 'bot', password: 'pass' } } });
  const file = await home.write('.docker/config.json', config);
  assert.equal(await kindOf(), 'basic');
  await rm(file);
  assert.equal(await kindOf(), 'anonymous');
});

test('does not keep a failure', async (t) => {
  const home = await createHome(t);
  const path = `${home.folder}/token`;
  const clock = stoppedClock();
  const credentials = [{ registry, registryToken: { file: path } }];
  const resolver = createAccessResolver({ env: home.env, clock, credentials });
  const both = await Promise.allSettled([resolver.access(app), resolver.access(app)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  await home.write('token', 'there now');
  clock.move(1_000);
  assert.equal((await resolver.access(app)).credential.kind, 'registry-token');
});

test('10,000 repositories read a shared file once', async (t) => {
  const home = await createHome(t);
  const caFile = await home.write('ca.pem', `-----BEGIN CERTIFICATE-----\n${'x'.repeat(200_000)}`);
  const resolver = createAccessResolver({ env: home.env, clock: stoppedClock(), caFile });
  const first = await resolver.access(app);
  await home.write('ca.pem', 'gone');
  for (let at = 0; at < 10_000; at += 1) {
    const { transport } = await resolver.access(repositoryOf(`r.example/app-${at}`));
    assert.equal(transport.ca, first.transport.ca);
  }
});

test('takes other credentials of documents, keeps flags and the environment, and refuses bad ones whole', async (t) => {
  const { env } = await createHome(t, { TOKEN: 'from the environment' });
  const entry = (token: string, repository: string) => ({
    registry,
    repository,
    registryToken: { value: token },
  });
  const resolver = createAccessResolver({
    env,
    flags: [entry('flag', 'flagged')],
    credentials: [entry('before', '*')],
    environment: [{ registry, registryToken: { env: 'TOKEN' } }],
  });
  const tokenOf = async (wanted: string) => {
    const { credential } = await resolver.access(repositoryOf(`r.example/${wanted}`));
    return credential.kind === 'registry-token' ? credential.token : credential.kind;
  };
  assert.deepEqual([await tokenOf('app'), await tokenOf('flagged')], ['before', 'flag']);
  resolver.replace([entry('after', 'app')]);
  assert.deepEqual([await tokenOf('app'), await tokenOf('flagged')], ['after', 'flag']);
  assert.equal(await tokenOf('other'), 'from the environment');
  assert.throws(() => resolver.replace([entry('bad', '[')]), { code: 'CONFIG_INVALID' });
  assert.equal(await tokenOf('app'), 'after');
});
