import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { KnownSecrets, knownSecrets } from '../../shared/credentials/known-secrets.ts';
import { readSecret } from '../../shared/credentials/secret.ts';
import { WatchedFiles } from '../../shared/credentials/watched-files.ts';
import { LandfallError } from '../../shared/errors.ts';
import { createLog } from '../../shared/log.ts';
import { temporaryRoot } from '../event/opened-log.ts';

const SECRET = 'canary/of "a" sécret';

for (const [what, form] of [
  ['as it is', SECRET],
  ['in a URL', encodeURIComponent(SECRET)],
  ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
  ['in base64', Buffer.from(SECRET).toString('base64')],
] as const)
  test(`a secret that was read is masked ${what}`, () => {
    const secrets = new KnownSecrets();
    secrets.note(SECRET);
    assert.doesNotMatch(secrets.mask(`before ${form} after`), /canary|sécret|s%C3|Y2FuYXJ5/);
    assert.match(secrets.mask(`before ${form} after`), /^before \*\*\*=* after$/);
  });

test('a secret with what cannot be seen is masked in a message, where that is escaped', () => {
  const secret = 'canary\tof\u202esecrets';
  const secrets = new KnownSecrets();
  secrets.note(secret);
  for (const form of [secret, JSON.stringify(secret).slice(1, -1)]) {
    const { message } = new LandfallError('FORBIDDEN', `before ${form} after`);
    assert.equal(secrets.mask(message), 'before *** after');
  }
});

test('a login is masked as a header has it', () => {
  const secrets = new KnownSecrets();
  secrets.noteCredential({ kind: 'basic', username: 'u', password: 'canary-password' });
  const header = Buffer.from('u:canary-password').toString('base64');
  assert.match(secrets.mask(`Basic ${header}`), /^Basic \*\*\*=*$/);
});

test('of 6 characters it is masked, and what is shorter stands in ordinary words too', () => {
  const secrets = new KnownSecrets();
  secrets.note('secret');
  secrets.note('again');
  assert.equal(secrets.mask('secret again'), '*** again');
});

test('what was read last is known, and memory is bounded', () => {
  const secrets = new KnownSecrets();
  for (let at = 0; at < 10_000; at += 1) secrets.note(`canary-${at}`);
  assert.ok(secrets.all().length <= 2_000);
  assert.equal(secrets.mask('canary-9999'), '***');
});

const locationsOf = (t: TestContext) => {
  const file = join(temporaryRoot(t), 'secret');
  writeFileSync(file, 'canary-of-a-file\n');
  return [
    [{ file }, 'canary-of-a-file'],
    [{ env: 'A_VARIABLE' }, 'canary-of-a-variable'],
    [{ value: 'canary-of-a-document' }, 'canary-of-a-document'],
    [{ secretsManager: 'x' }, 'canary-of-a-cloud'],
  ] as const;
};

test('a secret of any place is masked in the log once it was read', async (t) => {
  const deps = {
    files: new WatchedFiles({ now: Date.now }),
    env: { A_VARIABLE: 'canary-of-a-variable' },
    cloud: { read: async () => 'canary-of-a-cloud' },
  };
  const lines: string[] = [];
  const log = createLog({
    format: 'json',
    level: 'info',
    now: () => 0,
    write: (line) => void lines.push(line),
    mask: (text) => knownSecrets.mask(text),
  });
  for (const [location, secret] of locationsOf(t)) {
    assert.equal(await readSecret(location, deps), secret);
    log('error', 'it failed', { error: `it said: ${secret}.` });
    assert.match(lines.at(-1) ?? '', /"error":"it said: \*\*\*\."/);
  }
});

// Providers of notifications have their token in the path or the query, and say it back when they refuse.
test('of an address that is a secret, its token alone is one, and its words are not', () => {
  const secrets = new KnownSecrets();
  secrets.note(
    'https://hooks.example/services/T01/B02/abcdefghijklmnopqrstuvwx?sig=ABCDEFGHIJKLMNOPQRSTUVWX',
  );
  assert.equal(secrets.mask('no abcdefghijklmnopqrstuvwx here'), 'no *** here');
  assert.equal(secrets.mask('sig ABCDEFGHIJKLMNOPQRSTUVWX'), 'sig ***');
  assert.equal(secrets.mask('services of hooks.example'), 'services of hooks.example');
});
