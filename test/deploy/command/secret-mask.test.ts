import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MaskedTail, secretsIn } from '../../../shared/deploy/command/secret-mask.ts';

const SECRET = 'canary-of-a-secret';

for (const name of [
  ...['DB_PASSWORD', 'PGPASSWORD', 'NPM_TOKEN', 'HOOK_SECRET', 'API_KEY', 'AWS_SECRET_ACCESS_KEY', 'DB_PWD'],
  ...['REGISTRY_CREDENTIALS', 'DOCKER_AUTH_CONFIG', 'LANDFALL_REGISTRY_PASSWORD', 'webhook_secret'],
  ...['KLUCTL_REGISTRY_1_IDENTITY_TOKEN', 'LANDFALL_REGISTRY_2_USERNAME'],
])
  test(`${name} holds a secret`, () => assert.deepEqual(secretsIn({ [name]: SECRET }), [SECRET]));

for (const name of [
  ...['PATH', 'PWD', 'OLDPWD', 'HOME', 'LANDFALL_SOURCE', 'GIT_AUTHOR_NAME', 'SSH_AUTH_SOCK'],
  ...['LANDFALL_REGISTRY_1_HOST', 'KLUCTL_REGISTRY_REPOSITORY', 'LANDFALL_REGISTRY_CA_FILE'],
])
  test(`${name} holds none`, () => assert.deepEqual(secretsIn({ [name]: SECRET }), []));

test('what has fewer than 8 characters is no secret that could be found again', () => {
  assert.deepEqual(secretsIn({ A_TOKEN: '12345678', B_TOKEN: '1234567', C_TOKEN: '', D_TOKEN: undefined }), [
    '12345678',
  ]);
});

function tailOf(text: string, characters: number, secrets: readonly string[], piece = 7): string {
  const tail = new MaskedTail(characters, secrets);
  for (let at = 0; at < text.length; at += piece) tail.write(text.slice(at, at + piece));
  return tail.read();
}

for (const { what, text, secrets, wanted } of [
  { what: 'a secret', text: `with ${SECRET}.`, secrets: [SECRET], wanted: 'with ***.' },
  {
    what: 'each of several',
    text: `a ${SECRET} b 12345678`,
    secrets: ['12345678', SECRET],
    wanted: 'a *** b ***',
  },
  { what: 'one within another', text: `<${SECRET}!!>`, secrets: [SECRET, `${SECRET}!!`], wanted: '<***>' },
  {
    what: 'two that overlap',
    text: '<12345678abcdefgh>',
    secrets: ['12345678abcd', '5678abcdefgh'],
    wanted: '<***>',
  },
  {
    what: 'a key of many lines, also where its lines are indented',
    text: '  | -----BEGIN KEY-----\n  | canary-line-one\n',
    secrets: secretsIn({ KEY: '-----BEGIN KEY-----\ncanary-line-one\n' }),
    wanted: '  | ***\n  | ***\n',
  },
])
  test(`masks ${what}`, () => assert.equal(tailOf(text, 100, secrets), wanted));

test('wherever the cut goes through a secret, nothing of it is left', () => {
  const text = `${'x'.repeat(50)}${SECRET}${'y'.repeat(50)}`;
  for (let characters = 40; characters < 80; characters += 1) {
    const told = tailOf(text, characters, [SECRET]);
    assert.match(told, /^x*(\*{1,3})?y+$/, `of ${characters}: ${told}`);
    assert.ok(told.length <= characters);
  }
});

test('however secrets lie in what is said, and however it comes, none is told', () => {
  const secret = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 8, maxLength: 12 });
  const said = (secrets: readonly string[]) =>
    fc.array(fc.oneof(fc.constantFrom(...secrets), fc.constantFrom('-', 'a', 'b', 'xyz')), { maxLength: 12 });
  const all = fc
    .array(secret, { minLength: 1, maxLength: 3 })
    .chain((secrets) => fc.tuple(fc.constant(secrets), said(secrets), fc.integer({ min: 1, max: 40 })));
  fc.assert(
    fc.property(all, ([secrets, words, characters]) => {
      const told = tailOf(words.join(''), characters, secrets, 3);
      assert.ok(told.length <= characters);
      for (const one of secrets) assert.ok(!told.includes(one), told);
    }),
  );
});
