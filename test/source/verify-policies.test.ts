import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { parseDocuments } from '../../shared/source/document.ts';

const source = (rest: string): string => `sources:\n  - name: a\n    url: oci://r.example/a\n    ${rest}\n`;

function refuse(text: string): LandfallError {
  try {
    parseDocuments([{ file: 'web.yaml', text }]);
  } catch (error) {
    assert.ok(error instanceof LandfallError, String(error));
    return error;
  }
  return assert.fail('the document was accepted');
}

test('a key policy without a log is read as it is written, with paths from the folder of the document', () => {
  const text = source('verify: { provider: cosign, keys: [{ file: keys/a.pub }], transparencyLog: false }');
  const { sources } = parseDocuments([{ file: '/etc/landfall/web.yaml', text }]);
  assert.deepEqual(sources[0]?.verify, {
    provider: 'cosign',
    keys: [{ file: '/etc/landfall/keys/a.pub' }],
    identities: [],
    transparencyLog: false,
    require: 'any',
  });
});

const PRIVATE = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = PRIVATE.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const inline = (text: string): string => JSON.stringify(text);
const secret = PRIVATE.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const policies: readonly (readonly [what: string, verify: string, says: RegExp])[] = [
  ['of nothing', '', /wanted a map/],
  ['that is false', 'false', /wanted a map/],
  ['of nobody', '{ provider: cosign }', /nobody is named who may sign/],
  ['with a typo', '{ provider: cosign, key: [{ file: a }] }', /unknown key "key".*keys/],
  ['of an unknown provider', '{ provider: gpg, keys: [{ file: a }] }', /wanted.* cosign or notation/],
  ['of notation by keys', '{ provider: notation, keys: [{ file: a }] }', /keys belongs to provider cosign/],
  ['of notation by nobody', '{ provider: notation }', /wanted trustStores and trustedIdentities/],
  [
    'of notation with a store of no type',
    '{ provider: notation, trustStores: [{ type: root, name: a, certificates: [{ file: a }] }] }',
    /wanted ca or signingAuthority or tsa/,
  ],
  [
    'of notation with a level beside a trust policy',
    '{ provider: notation, level: audit, trustPolicy: { file: a } }',
    /trustPolicy says level/,
  ],
  [
    'of an issuer alone',
    '{ provider: cosign, identities: [{ issuer: a }] }',
    /wanted one of subject and subjectPattern, got none/,
  ],
  [
    'of both',
    '{ provider: cosign, identities: [{ issuer: a, subject: b, subjectPattern: c }] }',
    /subjectPattern, got both/,
  ],
  [
    'with a pattern that is none',
    '{ provider: cosign, identities: [{ issuer: a, subjectPattern: "(" }] }',
    /not a regular expression/,
  ],
  ['that can never be', '{ provider: cosign, require: 2, keys: [{ file: a }] }', /require: 2 of 1/],
  ['with a key that is nowhere', '{ provider: cosign, keys: [{}] }', /wanted one of file, pem and kms/],
  ['with a key that is none', '{ provider: cosign, keys: [{ pem: none }] }', /no key in PEM/],
  ['with a private key', `{ provider: cosign, keys: [{ pem: ${inline(secret)} }] }`, /has a private key/],
  ['with two keys in one', `{ provider: cosign, keys: [{ pem: ${inline(pem + pem)} }] }`, /2 blocks of PEM/],
];
for (const [what, verify, says] of policies) {
  test(`refuses a policy ${what} rather than landing what nobody verified`, () => {
    const error = refuse(source(`verify: ${verify}`));
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.match(error.message, says);
    assert.doesNotMatch(error.message, /BEGIN/);
  });
}

test('a policy of notation is read as it is written, with paths from the folder of the document', () => {
  const text = source(
    'verify: { provider: notation, trustStores: [{ type: ca, name: acme, certificates: [{ file: acme.crt }] }], trustedIdentities: ["x509.subject: C=US, ST=WA, O=acme"] }',
  );
  const { sources } = parseDocuments([{ file: '/etc/landfall/web.yaml', text }]);
  assert.deepEqual(sources[0]?.verify, {
    provider: 'notation',
    trustStores: [{ type: 'ca', name: 'acme', certificates: [{ file: '/etc/landfall/acme.crt' }] }],
    trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'],
  });
});
