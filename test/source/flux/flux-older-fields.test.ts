import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { isObject } from '../../../shared/kernel/json.ts';
import { CHART, helmRelease, helmRepository, ociRepository, parse } from './flux-documents.ts';

/** As in https://github.com/fluxcd/kustomize-controller/blob/v0.35.1/docs/spec/v1beta2/kustomization.md */
const kustomization = (spec: string): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1beta2
kind: Kustomization
metadata: { name: apps, namespace: web }
spec:
  interval: 10m
  prune: true
  sourceRef: { kind: OCIRepository, name: podinfo }
  ${spec}
`;

test('the patches of v1beta2 are patches, in the order in which kustomize applies them', () => {
  const { deploys, notices } = parse(
    ociRepository(''),
    kustomization(`validation: client
  patches: [{ patch: "a: b" }]
  patchesStrategicMerge: [{ apiVersion: apps/v1, kind: Deployment, metadata: { name: a } }]
  patchesJson6902: [{ target: { kind: Deployment, name: a }, patch: [{ op: add, path: /a, value: 1 }] }]`),
  );
  const patches = deploys[0]?.settings['patches'];
  assert.ok(Array.isArray(patches));
  const read = patches.map((each: unknown) => {
    const { patch, target } = isObject(each) ? each : {};
    const text: unknown = parseYaml(String(patch));
    return [text, target];
  });
  assert.deepEqual(read, [
    [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } }, undefined],
    [{ a: 'b' }, undefined],
    [[{ op: 'add', path: '/a', value: 1 }], { kind: 'Deployment', name: 'a' }],
  ]);
  assert.deepEqual(
    notices.map(({ place, message }) => `${place} ${message.slice(0, 23)}`),
    ['b.yaml:9:3 validation is not read:'],
  );
});

const variables = (kind: string): string => `
apiVersion: v1
kind: ${kind}
metadata: { name: vars, namespace: web }
${kind === 'Secret' ? 'stringData' : 'data'}: { zone: canary }
`;
for (const kind of ['ConfigMap', 'Secret']) {
  test(`a ${kind} that a deploy reads from the cluster is told to have to be there`, () => {
    const wordsOf = (...texts: readonly string[]) =>
      parse(...texts)
        .notices.map(({ message }) => message)
        .join('\n');
    const substituted = kustomization(`postBuild: { substituteFrom: [{ kind: ${kind}, name: vars }] }`);
    const words = wordsOf(ociRepository(''), substituted, variables(kind));
    assert.equal(
      words,
      `${kind} web/vars is read from the cluster, where it has to be, by Kustomization web/apps; what stands here is not read`,
    );
    const release = helmRelease(`${CHART}, valuesFrom: [{ kind: ${kind}, name: vars }]`);
    const repository = helmRepository('{ type: oci, url: "oci://ghcr.io/charts" }');
    assert.match(wordsOf(repository, release, variables(kind)), /by HelmRelease web\/shop;/);
    assert.doesNotMatch(wordsOf(ociRepository(''), variables(kind)), /read from the cluster|canary/);
  });
}

const root = (values: string): string => `
apiVersion: v1
kind: Secret
metadata: { name: sigstore, namespace: web }
stringData: { ${values} }
`;
const VERIFIED = `verify:
    provider: cosign
    trustedRootSecretRef: { name: sigstore }
    matchOIDCIdentity: [{ issuer: "^https://i$", subject: "^s$" }]`;

test('a trusted root of a Secret is that of the source', () => {
  const { sources, notices } = parse(ociRepository(VERIFIED), root("trusted_root.json: '{}'"));
  const verify = sources[0]?.verify;
  assert.ok(verify?.provider === 'cosign');
  assert.deepEqual(verify.trustedRoot, { pem: '{}' });
  assert.deepEqual(notices, []);
});

test('a trusted root that is not there refuses its source, and never goes on by the public one', () => {
  for (const [beside, why] of [
    [[], /Secret web\/sigstore has the trusted root and is in none of the documents/],
    [[root('other: a')], /Secret web\/sigstore has no trusted_root\.json/],
  ] as const)
    assert.throws(() => parse(ociRepository(VERIFIED), ...beside), { code: 'CONFIG_INVALID', message: why });
});
