import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf } from '../../../shared/escaped-bytes.ts';
import { ociRepository, parse } from './flux-documents.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const sourceOf = (spec: string) => {
  const { sources } = parse(ociRepository(spec));
  assert.ok(sources[0]);
  return sources[0];
};

test('maps an OCIRepository onto a source', () => {
  const source = sourceOf(`
  ref: { semver: ">= 6.1.x-0", semverFilter: "^v?[0-9]" }
  layerSelector: { mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip, operation: copy }
  timeout: 90s
  suspend: true
  ignore: |
    /*
    !/deploy
`);
  const { limits, ...rest } = source;
  assert.deepEqual(rest, {
    name: 'podinfo',
    namespace: 'web',
    url: 'oci://ghcr.io/stefanprodan/manifests/podinfo',
    repository: { registry: 'ghcr.io', repository: 'stefanprodan/manifests/podinfo' },
    ref: { semver: '>= 6.1.x-0', filter: '^v?[0-9]' },
    intervalMs: 300_000,
    timeoutMs: 90_000,
    labels: { tier: 'prod' },
    suspend: true,
    unpack: {
      mode: 'archive',
      layers: { mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', first: true },
      links: 'record',
      ignore: '/*\n!/deploy\n',
    },
    retain: { revisions: 10 },
  });
});

test('fills in the defaults of Flux', () => {
  const { ref, timeoutMs, suspend, unpack } = sourceOf('');
  assert.deepEqual([ref, timeoutMs, suspend], [{}, 60_000, false]);
  assert.deepEqual(unpack, { mode: 'files', layers: { first: true }, links: 'record' });
});

const refs: readonly (readonly [flux: string, ref: unknown, unread: readonly string[]])[] = [
  ['{ tag: latest }', { tag: 'latest' }, []],
  ['{ semver: "6.x", tag: latest }', { semver: '6.x', helm: false }, ['tag']],
  [`{ digest: "${DIGEST}", semver: "6.x", tag: v1 }`, { digest: DIGEST }, ['semver', 'tag']],
  ['{ semverFilter: "-rc", tag: v1 }', { tag: 'v1' }, ['semverFilter']],
];
for (const [flux, ref, unread] of refs) {
  test(`reads ref ${flux.slice(0, 40)} in the order Flux does`, () => {
    const { sources, notices } = parse(ociRepository(`ref: ${flux}`));
    assert.deepEqual(sources[0]?.ref, ref);
    assert.deepEqual(
      notices.map(({ message }) => message.split(' ', 1)[0]),
      unread,
    );
  });
}

test('reads both API versions, beside documents of our own', () => {
  const { sources } = parse(
    ociRepository('', 'source.toolkit.fluxcd.io/v1beta2'),
    'sources: [{ name: own, url: oci://r.example/own }]',
  );
  assert.deepEqual(sources.map(({ name }) => name).toSorted(), ['own', 'podinfo']);
});

const dockerSecret = (key: string, text: string, name = 'regcred', namespace = 'web'): string => `
apiVersion: v1
kind: Secret
metadata: { name: ${name}, namespace: ${namespace} }
type: kubernetes.io/dockerconfigjson
${key}: { .dockerconfigjson: '${text}' }
`;
const auths = JSON.stringify({
  auths: {
    'ghcr.io': { auth: base64('host:pass') },
    'ghcr.io/stefanprodan': { username: 'bot', password: 'canary-pass' },
  },
});

for (const [key, text] of [
  ['data', base64(auths)],
  ['stringData', auths],
] as const) {
  test(`secretRef takes the login of the repository from the ${key} of a Secret of any file`, () => {
    const { credentials, notices } = parse(
      ociRepository('secretRef: { name: regcred }'),
      dockerSecret(key, text),
    );
    assert.deepEqual(credentials, [
      {
        registry: 'ghcr.io',
        repository: 'stefanprodan/manifests/podinfo',
        origin: 'a.yaml:2:1',
        username: 'bot',
        password: { value: 'canary-pass' },
      },
    ]);
    assert.deepEqual(notices, []);
  });
}

test('a Secret keeps the bytes of a password that is no UTF-8, and null in it is nothing', () => {
  const auth = Buffer.from([0x62, 0x3a, 0x70, 0xe4]).toString('base64');
  const text = base64(JSON.stringify({ auths: { 'ghcr.io': { auth, username: null } } }));
  const secret = dockerSecret('data', text).replace(
    '\ndata: { ',
    '\nstringData: null\ndata: { other: null, ',
  );
  const { credentials } = parse(ociRepository('secretRef: { name: regcred }'), secret);
  const password = credentials[0]?.password;
  assert.ok(password !== undefined && 'value' in password);
  assert.deepEqual(bytesOf(password.value), Buffer.from([0x70, 0xe4]));
});

const absent: readonly (readonly [what: string, secret: string, message: RegExp])[] = [
  ['missing', '', /a\.yaml:8:3 Secret web\/regcred is not in these documents/],
  [
    'in another namespace',
    dockerSecret('stringData', auths, 'regcred', 'other'),
    /Secret web\/regcred is not in/,
  ],
  [
    'encrypted',
    `${dockerSecret('data', 'ENC[AES256]')}sops: {}\n`,
    /b\.yaml:2:1 Secret web\/regcred is encrypted/,
  ],
  [
    'for another registry',
    dockerSecret('stringData', '{"auths":{"r.example":{}}}'),
    /Secret web\/regcred has no login for this repository$/,
  ],
];
for (const [what, secret, message] of absent) {
  test(`says that a Secret is ${what}, and goes on without`, () => {
    const { credentials, notices } = parse(ociRepository('secretRef: { name: regcred }'), secret);
    assert.deepEqual(credentials, []);
    assert.match(notices.map((notice) => `${notice.place} ${notice.message}`).join('\n'), message);
  });
}

test('refuses a Secret whose login is broken, without its content', () => {
  const secret = dockerSecret('stringData', '{"auths": {"ghcr.io": "canary');
  assert.throws(
    () => parse(ociRepository('secretRef: { name: regcred }'), secret),
    (error) => {
      assert.ok(error instanceof Error);
      assert.match(
        error.message,
        /^a\.yaml:8:3: spec\.secretRef: docker config in the Secret at b\.yaml:2:1 is not JSON$/,
      );
      return !error.message.includes('canary');
    },
  );
});

test('insecure and certSecretRef become transport settings of the repository', () => {
  const secret = `
apiVersion: v1
kind: Secret
metadata: { name: tls, namespace: web }
stringData: { ca.crt: CA, tls.crt: CERT, tls.key: KEY }
`;
  const { credentials } = parse(ociRepository('insecure: true\n  certSecretRef: { name: tls }'), secret);
  assert.deepEqual(credentials, [
    {
      registry: 'ghcr.io',
      repository: 'stefanprodan/manifests/podinfo',
      origin: 'a.yaml:2:1',
      plainHttp: true,
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY' },
    },
  ]);
});

const noticed: readonly (readonly [what: string, spec: string, message: RegExp])[] = [
  ['a cloud provider', 'provider: aws', /^provider aws has no effect here; log in through credentials/],
  ['a proxy', 'proxySecretRef: { name: proxy }', /^proxySecretRef has no effect here; set HTTPS_PROXY/],
  ['a service account', 'serviceAccountName: sa', /^serviceAccountName has no effect here/],
];
for (const [what, spec, message] of noticed) {
  test(`says that ${what} has no effect`, () => {
    const { notices } = parse(ociRepository(spec));
    assert.equal(notices.length, 1);
    assert.equal(notices[0]?.place, 'a.yaml:8:3');
    assert.match(notices[0]?.message ?? '', message);
  });
}
