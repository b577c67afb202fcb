import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { CHART, helmRelease, helmRepository, ociRepository, parse } from './flux-documents.ts';

const chartWith = (verify: string): string => {
  const release = helmRelease(CHART.replace(', sourceRef', `, verify: ${verify}, sourceRef`));
  return `${helmRepository('{ type: oci, url: "oci://ghcr.io/charts" }')}---${release}`;
};
const PEM = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();
const keySecret = (values: Readonly<Record<string, string>>): string =>
  `---\napiVersion: v1\nkind: Secret\nmetadata: { name: keys, namespace: web }\nstringData: ${JSON.stringify(values)}\n`;

const trustPolicy = (...trustStores: readonly string[]): string =>
  JSON.stringify({
    version: '1.0',
    trustPolicies: [
      {
        name: 'all',
        registryScopes: ['*'],
        signatureVerification: { level: 'strict' },
        trustStores,
        trustedIdentities: ['*'],
      },
    ],
  });

for (const [what, made] of [
  ['an OCIRepository', (verify: string) => ociRepository(`verify: ${verify}`)],
  ['the chart of a HelmRelease', chartWith],
] as const) {
  test(`maps verify of ${what} by keys of a Secret, without a log as Flux has it`, () => {
    const values = { 'a.pub': PEM, password: 'x' };
    const text = made('{ provider: cosign, secretRef: { name: keys } }') + keySecret(values);
    const { sources, notices } = parse(text);
    assert.partialDeepStrictEqual(sources[0]?.verify, { keys: [{ pem: PEM }], transparencyLog: false });
    assert.ok(!notices.some(({ message }) => /not used/.test(message)), JSON.stringify(notices));
  });

  test(`maps verify of ${what} by identities, the whole of which has to match`, () => {
    const rule = (subject: string) =>
      `{ matchOIDCIdentity: [{ issuer: "^https://a$", subject: "${subject}" }] }`;
    const { sources, notices } = parse(made(rule('https://b')));
    assert.partialDeepStrictEqual(sources[0]?.verify, {
      identities: [{ issuerPattern: '^https://a$', subjectPattern: 'https://b' }],
    });
    assert.ok(notices.some(({ message }) => /whole of issuer and subject/.test(message)));
    assert.ok(
      !parse(made(rule('^https://b$'))).notices.some(({ message }) => /whole of issuer/.test(message)),
    );
  });

  test(`maps verify of ${what} by notation, with the certificates of its Secret in each trust store`, () => {
    const text = made('{ provider: notation, secretRef: { name: keys } }');
    const { sources } = parse(text + keySecret({ 'trustpolicy.json': trustPolicy('ca:acme'), 'a.crt': 'x' }));
    assert.deepEqual(sources[0]?.verify, {
      provider: 'notation',
      trustStores: [{ type: 'ca', name: 'acme', certificates: [{ pem: 'x' }] }],
      trustedIdentities: [],
      trustPolicy: { pem: trustPolicy('ca:acme') },
    });
    for (const [values, message] of [
      [{ 'trustpolicy.json': trustPolicy('ca:acme') }, /no certificate/],
      [{ 'trustpolicy.json': '{}', 'a.crt': 'x' }, /trust policy/],
      [{ 'trustpolicy.json': trustPolicy('ca:acme', 'signingAuthority:acme'), 'a.crt': 'x' }, /in one/],
    ] as const)
      assert.throws(() => parse(text + keySecret(values)), { code: 'CONFIG_INVALID', message });
  });

  for (const [why, verify, code, message] of [
    ['of anybody', '{ provider: cosign }', 'CONFIG_INVALID', /anybody who has an account/],
    [
      'of notation by identities',
      '{ provider: notation, matchOIDCIdentity: [{ issuer: a, subject: b }] }',
      'CONFIG_INVALID',
      /wanted secretRef: notation wants a Secret/,
    ],
    [
      'of notation without a trust policy',
      '{ provider: notation, secretRef: { name: keys } }',
      'CONFIG_INVALID',
      /has no trustpolicy.json/,
    ],
    [
      'of a Secret that is nowhere',
      '{ secretRef: { name: other } }',
      'CONFIG_INVALID',
      /Secret \w+\/other has the keys/,
    ],
    [
      'with a key that nobody knows',
      '{ secretRef: { name: keys }, strict: true }',
      'CONFIG_INVALID',
      /strict/,
    ],
    [
      'of a Secret without keys',
      '{ secretRef: { name: keys } }',
      'CONFIG_INVALID',
      /no entry whose name ends in \.pub/,
    ],
  ] as const) {
    test(`refuses verify ${why} of ${what} rather than landing what nobody verified`, () => {
      assert.throws(() => parse(made(verify) + keySecret({ key: PEM })), { code, message });
    });
  }
}
