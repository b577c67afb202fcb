import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHART, helmRelease, helmRepository, ociRepository, parse } from './flux-documents.ts';

const secret = (fields: string): string => `
apiVersion: v1
kind: Secret
metadata: { name: login, namespace: web }
${fields}
`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const LOGIN = JSON.stringify({ auths: { 'ghcr.io': { username: 'bot', password: 'canary' } } });
const charts = (fields: string) =>
  parse(
    helmRepository('{ type: oci, url: "oci://ghcr.io/charts", secretRef: { name: login } }'),
    helmRelease(CHART),
    secret(fields),
  );

test('plain text where base64 belongs is said to be that, and is no password', () => {
  const places: readonly (readonly [what: string, fields: string, key: string])[] = [
    ['a password', `data: { username: ${base64('bot')}, password: canary-s3cret }`, 'password'],
    ['one of other characters', `data: { username: "bot@example", password: ${base64('x')} }`, 'username'],
    ['a short one', `data: { username: ${base64('bot')}, password: s3cret }`, 'password'],
    ['a placeholder', 'data: { .dockerconfigjson: <base64> }', '.dockerconfigjson'],
    ['a login as it is', `data: { .dockerconfigjson: '${LOGIN}' }`, '.dockerconfigjson'],
  ];
  for (const [what, fields, key] of places)
    assert.throws(
      () => charts(fields),
      {
        code: 'CONFIG_INVALID',
        message: new RegExp(
          `spec\\.secretRef: key ${key} of Secret web/login is not base64: plain text goes under stringData$`,
        ),
      },
      what,
    );
});

test('base64 is taken as it comes: wrapped, without its padding, with the signs of URLs', () => {
  const config = base64(`${LOGIN} `);
  for (const text of [config, config.replace(/=+$/, ''), `${config.slice(0, 30)}\\n${config.slice(30)}\\n`]) {
    const { credentials } = parse(
      ociRepository('secretRef: { name: login }'),
      secret(`data: { .dockerconfigjson: "${text}" }`),
    );
    assert.deepEqual(credentials[0]?.password, { value: 'canary' });
  }
});

test('a key that nobody reads, or that stringData has as well, is nobody’s problem', () => {
  const { credentials } = charts(
    `data: { username: ${base64('bot')}, password: "***", other: "###" }\nstringData: { password: canary }`,
  );
  assert.deepEqual(credentials[0]?.password, { value: 'canary' });
});

test('so it is where the Secret has certificates, keys and tokens', () => {
  const pem = '-----BEGIN CERTIFICATE-----';
  for (const [spec, key] of [
    ['certSecretRef: { name: login }', 'ca.crt'],
    ['verify: { provider: cosign, secretRef: { name: login } }', 'cosign.pub'],
  ] as const)
    assert.throws(() => parse(ociRepository(spec), secret(`data: { ${key}: "${pem}" }`)), {
      message: new RegExp(`key ${key} of Secret web/login is not base64`),
    });
  const { notices, receivers } = parse(
    ociRepository(''),
    secret('data: { token: "a token" }'),
    `
apiVersion: notification.toolkit.fluxcd.io/v1
kind: Receiver
metadata: { name: hook, namespace: web }
spec: { type: harbor, secretRef: { name: login }, resources: [{ kind: OCIRepository, name: podinfo }] }
`,
  );
  assert.deepEqual(receivers, []);
  assert.match(
    notices.map(({ message }) => message).join('\n'),
    /Receiver web\/hook is not mapped: key token of Secret web\/login is not base64/,
  );
});

test('a client certificate without its key is told, and none is sent', () => {
  const { notices, credentials } = parse(
    ociRepository('certSecretRef: { name: login }'),
    secret('stringData: { ca.crt: "-----BEGIN CERTIFICATE-----", tls.crt: "-----BEGIN CERTIFICATE-----" }'),
  );
  assert.deepEqual(Object.keys(credentials[0]?.tls ?? {}), ['ca']);
  assert.match(
    notices.map(({ message }) => message).join('\n'),
    /^Secret web\/login has tls\.crt and no tls\.key: no client certificate is sent$/m,
  );
});

test('a Secret that a cluster would refuse is left out, and where it is wrong is said without a value', () => {
  const { notices } = charts('stringData: { username: bot, password: 12345 }');
  assert.match(
    notices.map(({ message }) => message).join('\n'),
    /^Secret web\/login is not as Kubernetes has it at stringData\.password, and is left out$/m,
  );
});
