import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RegistryFlags, registryFlagEntries } from '../../shared/credentials/registry-flags.ts';

const withoutOrigin = (flags: RegistryFlags) =>
  registryFlagEntries(flags).map(({ origin, ...entry }) => {
    assert.ok(origin?.startsWith('--registry-'), origin);
    return entry;
  });

const H = 'ghcr.io';
const accepted: readonly (readonly [what: string, flags: RegistryFlags, entries: readonly unknown[]])[] = [
  [
    'user and password',
    { creds: ['ghcr.io=u:p:w=d'] },
    [{ registry: H, username: 'u', password: { value: 'p:w=d' } }],
  ],
  [
    'a password in a file',
    { creds: ['ghcr.io/o/*=u:@./f'] },
    [{ registry: H, repository: 'o/*', username: 'u', password: { file: './f' } }],
  ],
  [
    'a password in a variable',
    { creds: ['ghcr.io=u:env:TOKEN'] },
    [{ registry: H, username: 'u', password: { env: 'TOKEN' } }],
  ],
  [
    'a token alone',
    { creds: ['ghcr.io=eyJ0.e30.x'] },
    [{ registry: H, registryToken: { value: 'eyJ0.e30.x' } }],
  ],
  [
    'a token in a file',
    { creds: ['ghcr.io=@/run/token'] },
    [{ registry: H, registryToken: { file: '/run/token' } }],
  ],
  [
    'user and password apart, for the same repositories',
    { username: ['ghcr.io/o=u'], password: ['GHCR.IO/o=env:P'] },
    [{ registry: H, repository: 'o', username: { value: 'u' }, password: { env: 'P' } }],
  ],
  [
    'several registries, ports among them',
    { token: ['ghcr.io=a', 'localhost:5000/x=@b'] },
    [
      { registry: H, registryToken: { value: 'a' } },
      { registry: 'localhost:5000', repository: 'x', registryToken: { file: 'b' } },
    ],
  ],
  [
    'an identity token with its user',
    { identityToken: ['ghcr.io=t'], username: ['ghcr.io=u'] },
    [{ registry: H, username: { value: 'u' }, identityToken: { value: 't' } }],
  ],
  [
    'certificates',
    { certFile: ['ghcr.io=c'], keyFile: ['ghcr.io=k'], caFile: ['ghcr.io=a'] },
    [{ registry: H, keyFile: 'k', certFile: 'c', caFile: 'a' }],
  ],
  [
    'a token service, as its origin or its whole realm',
    { tokenService: ['ghcr.io=https://auth.example', 'ghcr.io/o=https://Auth.example:8443/token?a=b'] },
    [
      { registry: H, tokenService: 'https://auth.example' },
      { registry: H, repository: 'o', tokenService: 'https://auth.example:8443' },
    ],
  ],
  [
    'transport, which does not shadow the credential of a part',
    { plainHttp: ['ghcr.io'], insecureSkipTlsVerify: ['ghcr.io', 'ghcr.io'], creds: ['ghcr.io/o=u:p'] },
    [
      { registry: H, plainHttp: true, insecureSkipTlsVerify: true },
      { registry: H, repository: 'o', username: 'u', password: { value: 'p' } },
    ],
  ],
];

for (const [what, flags, entries] of accepted) {
  test(`flags give ${what}`, () => assert.deepEqual(withoutOrigin(flags), entries));
}

test('an entry says which flags it is from', () => {
  const [entry] = registryFlagEntries({
    username: ['ghcr.io=u'],
    password: ['ghcr.io=p'],
    plainHttp: ['ghcr.io'],
  });
  assert.equal(entry?.origin, '--registry-username, --registry-password, --registry-plain-http ghcr.io');
});

const refused: readonly (readonly [flags: RegistryFlags, message: RegExp])[] = [
  [{ creds: ['CANARY'] }, /^--registry-creds \(hidden\): has no HOST before a "="/],
  [{ creds: ['=CANARY:CANARY'] }, /has no HOST/],
  [{ creds: ['ghcr.io=:CANARY'] }, /^--registry-creds ghcr\.io: wanted USER:PASS/],
  [{ creds: ['ghcr.io=CANARY:'] }, /wanted USER:PASS/],
  [{ creds: ['gh cr=u:CANARY'] }, /\(hidden\): wanted HOST/],
  [{ creds: ['ghcr.io/[=u:CANARY'] }, /\(hidden\): wanted HOST/],
  [{ creds: ['ghcr.io/=u:CANARY'] }, /\(hidden\): wanted HOST/],
  [{ creds: ['ghcr.io=env:TOKEN'] }, /wanted USER: before env:NAME/],
  [{ password: ['CANARY==='] }, /^--registry-password \(hidden\): has nothing/],
  [{ password: ['CANARY=x'] }, /^--registry-password \(hidden\): wanted HOST/],
  [{ token: ['ghcr.io='] }, /has nothing after the "="/],
  [{ password: ['ghcr.io=CANARY'] }, /^ghcr\.io: --registry-password needs --registry-username$/],
  [{ username: ['ghcr.io=u'] }, /--registry-username needs --registry-password/],
  [{ username: ['ghcr.io=u'], password: ['ghcr.io/o=CANARY'] }, /needs/],
  [{ certFile: ['ghcr.io=c'] }, /--registry-cert-file needs --registry-key-file/],
  [{ keyFile: ['ghcr.io=c'] }, /--registry-key-file needs --registry-cert-file/],
  [
    { creds: ['ghcr.io=u:CANARY'], token: ['ghcr.io=CANARY'] },
    /--registry-password and --registry-token are alternatives/,
  ],
  [{ creds: ['ghcr.io=u:CANARY', 'ghcr.io=v:CANARY'] }, /gives username, which another flag gives/],
  [{ tokenService: ['ghcr.io=ftp://auth.example'] }, /^--registry-token-service ghcr\.io: wanted https:/],
  [{ tokenService: ['ghcr.io=https://u:CANARY@auth.example'] }, /wanted https:\/\/HOST/],
  [{ plainHttp: ['ghcr.io=CANARY'] }, /without a "="/],
];

for (const [flags, message] of refused) {
  test(`flags refuse ${JSON.stringify(flags)}, and repeat no secret`, () => {
    assert.throws(
      () => registryFlagEntries(flags),
      (error) => {
        assert.ok(error instanceof Error && 'code' in error);
        assert.equal(error.code, 'USAGE');
        assert.match(error.message, message);
        assert.ok(!`${error.message} ${String(error.cause)}`.includes('CANARY'), error.message);
        return true;
      },
    );
  });
}
