import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError } from '../../shared/errors.ts';
import { hostDoubt, looksLikeHost } from '../../shared/oci/host.ts';
import { parseReference } from '../../shared/oci/reference.ts';
import {
  correctedReference,
  parseTypedReference,
  parseTypedRepository,
} from '../../shared/oci/typed-reference.ts';

function hintOf(text: string): string {
  try {
    parseTypedReference(text);
  } catch (error) {
    if (isLandfallError(error)) return error.hint ?? '';
  }
  throw new Error(`${text} is taken`);
}

const DIGEST = `sha256:${'a'.repeat(64)}`;
const MEANT: readonly (readonly [written: string, meant: string])[] = [
  ['https://ghcr.io/team/app:1.0', 'oci://ghcr.io/team/app:1.0'],
  ['docker://ghcr.io/team/app', 'oci://ghcr.io/team/app'],
  ['OCI://ghcr.io/team/app:1', 'oci://ghcr.io/team/app:1'],
  ['oci:/ghcr.io/team/app:1', 'oci://ghcr.io/team/app:1'],
  ['oci:///ghcr.io/team/app:1', 'oci://ghcr.io/team/app:1'],
  ['ghcr.io/team/app:1.0', 'oci://ghcr.io/team/app:1.0'],
  [`ghcr.io/team/app@${DIGEST}`, `oci://ghcr.io/team/app@${DIGEST}`],
  ['localhost:5000/app', 'oci://localhost:5000/app'],
  [' ghcr.io/team/app ', 'oci://ghcr.io/team/app'],
  ['oci://ghcr.io/team/app/', 'oci://ghcr.io/team/app'],
  ['https://ghcr.io/team/app//', 'oci://ghcr.io/team/app'],
  ['docker.io/library/nginx', 'oci://docker.io/library/nginx'],
  ['https://hub.docker.com/r/team/app', 'oci://docker.io/team/app'],
];
for (const [written, meant] of MEANT) {
  test(`${JSON.stringify(written)} is taken for what it can only mean; a document has it written so`, () => {
    assert.deepEqual(parseTypedReference(written), parseReference(meant));
    assert.equal(correctedReference(written), meant);
  });
}

test('a document, and a name that would have to be another, are told what to write', () => {
  assert.throws(() => parseTypedRepository('docker://ghcr.io/team/app'), {
    hint: 'Write oci://ghcr.io/team/app',
  });
  assert.equal(hintOf('oci://GHCR.io/Team/App:V1'), 'Write oci://ghcr.io/team/app:V1');
});

test('a guess is told as one, and plain HTTP with its option', () => {
  assert.equal(hintOf('nginx:1'), 'Write oci://docker.io/nginx:1 for Docker Hub, else its registry first');
  assert.equal(hintOf('team/app'), 'Write oci://docker.io/team/app for Docker Hub, else its registry first');
  assert.equal(hintOf('http://r.example/app'), 'Write oci://r.example/app with --plain-http (plainHttp)');
});

for (const written of [
  'docker-daemon:app:1',
  'containers-storage:localhost/app',
  'docker-archive:app.tar',
  'oci-archive:/tmp/app.tar:1',
  'oci:./layout:1',
  'dir:/tmp/app',
]) {
  test(`${written} is an image of this machine, and no name is guessed of it`, () => {
    assert.match(hintOf(written), /^That is an image of this machine; copy it to a registry first/);
    assert.equal(correctedReference(written), undefined);
  });
}

test('a name without a host is no correction, as each tool guesses its own', () => {
  for (const written of ['app', 'team/app', 'nginx:1']) assert.equal(correctedReference(written), undefined);
});

test('what ends with "/" is called so in a document', () => {
  assert.throws(() => parseTypedRepository('oci://ghcr.io/team/app/'), { message: /: ends with "\/"$/ });
});

for (const written of [
  './v',
  '../v',
  '/abs',
  '~/v',
  'C:\\v',
  's3://bucket/x',
  'git://r/x',
  'ghcr.io',
  'localhost',
  '',
  'a b',
  'oci://',
  'ftp://ghcr.io/a',
  'ghcr.io/team/app@sha256:12',
  `x/${'a'.repeat(400)}`,
]) {
  test(`nothing is guessed of ${JSON.stringify(written.slice(0, 30))}`, () => {
    assert.match(hintOf(written), /^Write oci:\/\/registry\.example\/repository, with/);
  });
}

for (const written of [
  'https://bot:canary@ghcr.io/team/app',
  'bot:canary@ghcr.io/team/app',
  'https://ghcr.io/a?token=canary',
  'docker://canary@x@ghcr.io/a',
]) {
  test(`no secret is repeated of ${written.replaceAll('canary', '…')}`, () => {
    assert.throws(
      () => parseTypedReference(written),
      (error) =>
        isLandfallError(error) && !/canary/.test(`${error.message} ${error.hint} ${String(error.cause)}`),
    );
  });
}

test("docker's rule says what looks like a host", () => {
  for (const host of ['ghcr.io', 'registry:5000', 'localhost', '[::1]', '10.0.0.1'])
    assert.equal(looksLikeHost(host), true);
  for (const host of ['team', 'registry', '']) assert.equal(looksLikeHost(host), false);
  assert.equal(hostDoubt('ghcr.io', 'app'), undefined);
  assert.match(hostDoubt('team', 'app') ?? '', /^"team" has no dot .* oci:\/\/docker\.io\/team\/app meant/);
});
