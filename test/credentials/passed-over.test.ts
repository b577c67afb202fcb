import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { PROGRAM_ANSWER_MS } from '../../shared/credentials/docker/program-cache.ts';
import { base64, createHome, repositoryOf, stoppedClock } from './home.ts';

const CONFIG = '.docker/config.json';
const LOGIN = JSON.stringify({ auths: { 'r.example': { auth: base64('bot:pass') } } });

/** Nothing of these can be read, or nothing of what would matter here. */
const UNREADABLE: readonly (readonly [what: string, content: string, why: RegExp])[] = [
  ['no JSON', '{"auths": {"r.example": {"auth": "CANARY', /^docker config .*config\.json is not JSON$/],
  ['marked by Windows', '\ufeff{}', /begins with a byte order mark, which docker refuses$/],
  ['a list', '["CANARY"]', /is not as docker writes it at its top$/],
  ['a list of auths', '{"auths": ["CANARY"]}', /is not as docker writes it at auths$/],
  ['a number for the store', '{"credsStore": 5}', /is not as docker writes it at credsStore$/],
  [
    'a store that is not there',
    '{"credsStore": "gone"}',
    /^docker-credential-gone for r\.example: is not on PATH$/,
  ],
  ['a store elsewhere', '{"credsStore": "../x"}', /^a credential helper for r\.example is named with what/],
];
for (const [what, content, why] of UNREADABLE) {
  test(`a config that is ${what} stops nobody, is told once, and is explained`, async (t) => {
    const home = await createHome(t);
    await home.write(CONFIG, content);
    const told: string[] = [];
    const resolver = createAccessResolver({ env: home.env, onPassedOver: (each) => void told.push(each) });
    for (const name of ['r.example/a', 'r.example/b']) {
      const { credential, passedOver = [] } = await resolver.access(repositoryOf(name));
      assert.deepEqual(credential, { kind: 'anonymous' });
      assert.match(passedOver.join('\n'), why);
    }
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', why);
    const [considered] = await resolver.explain(repositoryOf('r.example/a'));
    assert.match(considered?.why ?? '', /^matches, and is passed over: /);
    assert.doesNotMatch(JSON.stringify([told, considered]), /CANARY/);
  });
}

test('what is behind an unreadable file is still asked', async (t) => {
  const home = await createHome(t, { DOCKER_AUTH_CONFIG: '{' });
  await home.write(CONFIG, '[]');
  await home.write('.config/helm/registry/config.json', LOGIN);
  const access = await createAccessResolver({ env: home.env }).access(repositoryOf('r.example/a'));
  assert.deepEqual(access.credential, { kind: 'basic', username: 'bot', password: 'pass' });
  assert.equal(access.passedOver?.length, 2);
});

test('a folder where the file should be is told, too: docker makes one of a mount that is not there', async (t) => {
  const home = await createHome(t);
  await home.write(`${CONFIG}/keep`, '');
  const access = await createAccessResolver({ env: home.env }).access(repositoryOf('r.example/a'));
  assert.match(access.passedOver?.join() ?? '', /cannot read .*config\.json: EISDIR$/);
});

// go-containerregistry #593, kube-prod-runtime #447.
test('DOCKER_CONFIG that names the file in place of its folder is told, and a home that is no folder is not', async (t) => {
  const home = await createHome(t);
  const file = await home.write(CONFIG, '{}');
  const told = async (env: Readonly<Record<string, string>>): Promise<string | undefined> =>
    (
      await createAccessResolver({ env: { ...home.env, ...env } }).access(repositoryOf('r.example/a'))
    ).passedOver?.join();
  assert.equal(
    await told({ DOCKER_CONFIG: file }),
    `DOCKER_CONFIG names the file ${file}, and not its folder`,
  );
  assert.equal(await told({ DOCKER_CONFIG: dirname(file) }), undefined);
  assert.equal(await told({ DOCKER_CONFIG: `${home.folder}/none` }), undefined);
  assert.equal(await told({ DOCKER_CONFIG: home.folder }), undefined);
  assert.equal(await told({ HOME: '/dev/null' }), undefined);
});

test('nothing is told where a login said on purpose comes first', async (t) => {
  const home = await createHome(t);
  await home.write(CONFIG, '[]');
  const flags = [{ registry: 'r.example', username: 'u', password: { value: 'p' } }];
  const access = await createAccessResolver({ env: home.env, flags }).access(repositoryOf('r.example/a'));
  assert.equal(access.passedOver, undefined);
});

test('a store that came back is asked again, and one of a file that was repaired at once', async (t) => {
  const home = await createHome(t);
  await home.write(CONFIG, '{"credsStore": "late"}');
  const clock = stoppedClock();
  const { access } = createAccessResolver({ env: home.env, clock });
  const kind = async () => (await access(repositoryOf('r.example/a'))).credential.kind;
  assert.equal(await kind(), 'anonymous');
  await home.program('late', `echo '{"Username":"bot","Secret":"pass"}'`);
  clock.move(PROGRAM_ANSWER_MS);
  assert.equal(await kind(), 'basic');
});

test('a file that a document names is not passed over', async (t) => {
  const home = await createHome(t);
  for (const [content, message] of [
    ['{', /is not JSON$/],
    ['{"auths": []}', /at auths$/],
    ['\n\n', /is empty$/],
  ] as const) {
    const dockerConfig = await home.write(`named-${content.length}.json`, content);
    const credentials = [{ registry: 'r.example', dockerConfig }];
    await assert.rejects(
      createAccessResolver({ env: home.env, credentials }).access(repositoryOf('r.example/a')),
      {
        code: 'CREDENTIAL_UNREADABLE',
        message,
      },
    );
  }
});
