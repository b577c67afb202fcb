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

for (const [what, made] of [
  ['an OCIRepository', (verify: string) => ociRepository(`verify: ${verify}`)],
  ['the chart of a HelmRelease', chartWith],
] as const) {
  test(`maps verify of ${what} by keys of a Secret, without a log as Flux has it`, () => {
    const values = { 'a.pub': PEM, password: 'x' };
    const text = made('{ provider: cosign, secretRef: { name: keys } }') + keySecret(values);
    const { sources, notices } = parse(text);
    const { keys, transparencyLog } = sources[0]?.verify ?? {};
    assert.deepEqual([keys, transparencyLog], [[{ pem: PEM }], false]);
    assert.ok(!notices.some(({ message }) => /not used/.test(message)), JSON.stringify(notices));
  });

  test(`maps verify of ${what} by identities, the whole of which has to match`, () => {
    const rule = (subject: string) =>
      `{ matchOIDCIdentity: [{ issuer: "^https://a$", subject: "${subject}" }] }`;
    const { sources, notices } = parse(made(rule('https://b')));
    assert.deepEqual(sources[0]?.verify?.identities, [
      { issuerPattern: '^https://a$', subjectPattern: 'https://b' },
    ]);
    assert.ok(notices.some(({ message }) => /whole of issuer and subject/.test(message)));
    assert.ok(
      !parse(made(rule('^https://b$'))).notices.some(({ message }) => /whole of issuer/.test(message)),
    );
  });

  for (const [why, verify, code, message] of [
    ['of anybody', '{ provider: cosign }', 'CONFIG_INVALID', /anybody who has an account/],
    [
      'of notation',
      '{ provider: notation, secretRef: { name: keys } }',
      'NOT_SUPPORTED',
      /notation is not supported/,
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
