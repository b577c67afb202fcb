import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { askProgram } from '../../shared/credentials/docker/credential-program.ts';
import { PROGRAM_ANSWER_MS } from '../../shared/credentials/docker/program-cache.ts';
import { PROGRAM_OUTPUT_BYTES } from '../../shared/limits.ts';
import { base64, createHome, type Home, repositoryOf, stoppedClock } from './home.ts';

const answering = (user: string, secret: string): string =>
  `read -r server; echo "$server" >> "$HOME/asked"; printf '{"ServerURL":"%s","Username":"${user}","Secret":"${secret}"}' "$server"`;
const NOT_FOUND = 'echo "credentials not found in native keychain"; exit 1';
const asked = async ({ folder }: Home): Promise<readonly string[]> =>
  (await readFile(join(folder, 'asked'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

async function homeWith(t: Parameters<typeof createHome>[0], config: unknown): Promise<Home> {
  const home = await createHome(t);
  await home.write('.docker/config.json', JSON.stringify(config));
  return home;
}
const credentialOf = async (home: Home, wanted: string) =>
  (await createAccessResolver({ env: home.env }).access(repositoryOf(wanted))).credential;

test('asks the program of a registry, by the key of the config', async (t) => {
  const home = await homeWith(t, { credHelpers: { 'r.example': 'fake' }, credsStore: 'store' });
  await home.program('fake', answering('bot', 'pass'));
  assert.deepEqual(await credentialOf(home, 'r.example/a'), {
    kind: 'basic',
    username: 'bot',
    password: 'pass',
  });
  assert.deepEqual(await asked(home), ['r.example']);
});

test('takes the <token> user for an identity token', async (t) => {
  const home = await homeWith(t, { credHelpers: { 'r.example': 'fake' } });
  await home.program('fake', answering('<token>', 'idt'));
  assert.deepEqual(await credentialOf(home, 'r.example/a'), { kind: 'identity-token', token: 'idt' });
});

test('asks the store about every registry, Docker Hub by its old key', async (t) => {
  const home = await homeWith(t, { credsStore: 'fake' });
  await home.program('fake', answering('bot', 'pass'));
  await credentialOf(home, 'r.example:5000/a');
  await credentialOf(home, 'docker.io/org/app');
  assert.deepEqual(await asked(home), ['r.example:5000', 'https://index.docker.io/v1/']);
});

test('goes on to the file where the program knows nothing', async (t) => {
  const home = await homeWith(t, {
    credsStore: 'fake',
    auths: { 'r.example': { auth: base64('file:pass') } },
  });
  await home.program('fake', NOT_FOUND);
  assert.deepEqual(await credentialOf(home, 'r.example/a'), {
    kind: 'basic',
    username: 'file',
    password: 'pass',
  });
  assert.deepEqual(await credentialOf(home, 'other.example/a'), { kind: 'anonymous' });
});

test('a broken store does not stand in the way of a registry nobody logged in to', async (t) => {
  const home = await homeWith(t, { credsStore: 'gone', auths: { 'r.example': {} } });
  assert.deepEqual(await credentialOf(home, 'public.example/a'), { kind: 'anonymous' });
  await assert.rejects(credentialOf(home, 'r.example/a'), {
    code: 'CREDENTIAL_UNREADABLE',
    message: 'docker-credential-gone for r.example: is not on PATH',
  });
});

for (const answer of [
  '{}',
  '{"Username":null,"Secret":null}',
  '{"Username":"","Secret":""}',
  '{"Secret":null}',
]) {
  test(`a program that answers ${answer} knows nobody, as docker reads it`, async (t) => {
    const home = await createHome(t);
    await home.program('fake', `echo '${answer}'`);
    assert.equal(await askProgram({ name: 'fake', server: 'r.example' }, home.env), undefined);
  });
}

const failures: readonly (readonly [what: string, script: string, message: RegExp])[] = [
  ['fails', 'echo CANARY; echo CANARY >&2; exit 3', /ended with status 3$/],
  ['answers nonsense', 'echo CANARY', /did not answer with Username and Secret$/],
  ['answers half', `echo '{"Username":"CANARY"}'`, /did not answer with Username and Secret$/],
  [
    'answers half and null',
    `echo '{"Username":"CANARY","Secret":null}'`,
    /did not answer with Username and Secret$/,
  ],
  [
    'answers too much',
    `head -c ${PROGRAM_OUTPUT_BYTES + 1} /dev/zero`,
    /answered with more than 65536 bytes$/,
  ],
  ['answers a token that is none', answering('<token>', 'CANARY y'), /Secret is not a token$/],
  ['never ends', 'sleep 5', /did not answer within 200 ms$/],
];
for (const [what, script, message] of failures) {
  test(`says without its words that a program ${what}`, async (t) => {
    const home = await createHome(t);
    await home.program('fake', script);
    const timeoutMs = what === 'never ends' ? 200 : 10_000;
    await assert.rejects(askProgram({ name: 'fake', server: 'r.example', timeoutMs }, home.env), (error) => {
      assert.ok(error instanceof Error && 'code' in error);
      assert.equal(error.code, 'CREDENTIAL_UNREADABLE');
      assert.match(error.message, message);
      assert.ok(!`${error.message} ${String(error.cause)}`.includes('CANARY'));
      return true;
    });
  });
}

test('does not wait for a grandchild that holds the output open', async (t) => {
  const home = await createHome(t);
  await home.program('fake', 'sleep 60 & echo $! > "$HOME/grandchild"; exec sleep 60');
  const input = { name: 'fake', server: 'r.example', timeoutMs: 500 };
  await assert.rejects(askProgram(input, home.env), { message: /did not answer within 500 ms$/ });
  const grandchild = Number(await readFile(join(home.folder, 'grandchild'), 'utf8'));
  assert.equal(process.kill(grandchild, 'SIGKILL'), true, 'it was still there');
});

// docker-credential-helpers runs whatever file has the name: WSL has desktop.exe, and people write their own.
for (const name of ['desktop.exe', 'my_store', 'a b', 'a;b', '$(touch x)', '.x', 'ä', 'x'.repeat(237)]) {
  test(`runs a program named ${JSON.stringify(name.slice(0, 20))}, as docker does, without a shell`, async (t) => {
    const home = await createHome(t);
    await home.program(name, answering('bot', 'pass'));
    const credential = await askProgram({ name, server: 'r.example' }, home.env);
    assert.deepEqual(credential, { kind: 'basic', username: 'bot', password: 'pass' });
  });
}

for (const name of ['../evil', 'a/b', 'a\\b', '-v', 'a\0b', 'a\nb', 'a\u001b[2Jb', '', 'x'.repeat(238)]) {
  test(`never runs a program named ${JSON.stringify(name.slice(0, 10))}`, async (t) => {
    const home = await createHome(t);
    await home.write('evil', '#!/bin/sh\ntouch "$HOME/ran"');
    await assert.rejects(askProgram({ name, server: 'r.example' }, home.env), {
      message: "a credential helper for r.example is named with what no program's name may have",
    });
  });
}

test('what is offered to paste is quoted for a shell', async (t) => {
  const { env } = await createHome(t);
  await assert.rejects(askProgram({ name: "it's; rm", server: 'r.example/$(x)' }, env), {
    hint: `Run: echo 'r.example/$(x)' | 'docker-credential-it'\\''s; rm' get`,
  });
});

test('an empty program means the file itself, and not the store', async (t) => {
  const home = await homeWith(t, {
    credHelpers: { 'r.example': '' },
    credsStore: 'fake',
    auths: { 'r.example': { auth: base64('file:pass') } },
  });
  await home.program('fake', answering('bot', 'pass'));
  assert.deepEqual(await credentialOf(home, 'r.example/a'), {
    kind: 'basic',
    username: 'file',
    password: 'pass',
  });
  assert.deepEqual(await asked(home), []);
});

test('asks the program of a pattern by the registry', async (t) => {
  const home = await homeWith(t, { credHelpers: { '*.dkr.ecr.*.amazonaws.com': 'fake' } });
  await home.program('fake', answering('AWS', 'pass'));
  await credentialOf(home, '123456789012.dkr.ecr.eu-west-1.amazonaws.com/a');
  assert.deepEqual(await asked(home), ['123456789012.dkr.ecr.eu-west-1.amazonaws.com']);
});

test("takes what Go takes: keys in any case, Docker for Mac's credSstore, no user", async (t) => {
  const home = await homeWith(t, { credSstore: 'fake' });
  await home.program('fake', `echo '{"serverurl":"x","secret":"pass","Username":null}'`);
  assert.deepEqual(await credentialOf(home, 'r.example/a'), {
    kind: 'basic',
    username: '',
    password: 'pass',
  });
});

test('does not mind a program that does not read', async (t) => {
  const home = await createHome(t);
  await home.program('fake', `exec <&-; echo '{"Username":"bot","Secret":"pass"}'`);
  const credential = await askProgram({ name: 'fake', server: 'r.example' }, home.env);
  assert.deepEqual(credential, { kind: 'basic', username: 'bot', password: 'pass' });
});

test('asks once for many repositories, and again when the answer is old', async (t) => {
  const home = await homeWith(t, { credHelpers: { 'r.example': 'fake' } });
  await home.program('fake', answering('bot', 'pass'));
  const clock = stoppedClock();
  const resolver = createAccessResolver({ env: home.env, clock });
  const accessAll = () =>
    Promise.all(Array.from({ length: 20 }, (_, at) => resolver.access(repositoryOf(`r.example/app-${at}`))));
  await accessAll();
  clock.move(PROGRAM_ANSWER_MS - 1);
  await accessAll();
  assert.equal((await asked(home)).length, 1);
  clock.move(1);
  await accessAll();
  assert.equal((await asked(home)).length, 2);
});
