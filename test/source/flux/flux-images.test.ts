import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from './flux-documents.ts';

/** As in https://github.com/fluxcd/image-reflector-controller/blob/debe2aaa/docs/spec/v1/imagepolicies.md */
const repository = (spec: string): string => `
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: { name: podinfo, namespace: flux-system }
spec: { interval: 1h, ${spec} }
`;
const policy = (spec: string, name = 'app'): string => `
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: { name: ${name}, namespace: flux-system }
spec: { imageRepositoryRef: { name: podinfo }, ${spec} }
`;
const IMAGE = 'image: ghcr.io/stefanprodan/podinfo';
const SIGNATURES = { helm: false, exclude: ['^.*\\.sig$'] };

const policies: readonly (readonly [policy: string, ref: unknown])[] = [
  ['policy: { semver: { range: 5.1.x } }', { semver: '5.1.x', ...SIGNATURES }],
  ['policy: { numerical: {} }', { order: 'numerical', ...SIGNATURES }],
  ['policy: { numerical: { order: desc } }', { order: 'numerical', reverse: true, ...SIGNATURES }],
  ['policy: { alphabetical: { order: asc } }', { order: 'alphabetical', ...SIGNATURES }],
  [
    "policy: { alphabetical: {} }, filterTags: { pattern: '^RELEASE\\.(?P<timestamp>.*)Z$', extract: '$timestamp' }",
    {
      order: 'alphabetical',
      filter: '^RELEASE\\.(?P<timestamp>.*)Z$',
      extract: '$timestamp',
      ...SIGNATURES,
    },
  ],
  [
    "policy: { semver: { range: '^1.x-0' } }, filterTags: { pattern: '.*-rc.*' }",
    { semver: '^1.x-0', filter: '.*-rc.*', ...SIGNATURES },
  ],
];
for (const [text, ref] of policies) {
  test(`an ImagePolicy is a source that is only resolved: ${text.slice(0, 60)}`, () => {
    const { sources, notices } = parse(repository(IMAGE), policy(text));
    const [source] = sources;
    assert.deepEqual(
      [source?.namespace, source?.name, source?.url, source?.intervalMs, source?.unpack.mode],
      ['flux-system', 'app', 'oci://ghcr.io/stefanprodan/podinfo', 3_600_000, 'none'],
    );
    assert.deepEqual(source?.ref, ref);
    assert.deepEqual(notices, []);
  });
}

const images: readonly (readonly [image: string, url: string])[] = [
  ['podinfo', 'oci://docker.io/podinfo'],
  ['stefanprodan/podinfo', 'oci://docker.io/stefanprodan/podinfo'],
  ['localhost:5000/a/b', 'oci://localhost:5000/a/b'],
  ['registry-1.docker.io/bitnamicharts/redis', 'oci://registry-1.docker.io/bitnamicharts/redis'],
];
for (const [image, url] of images) {
  test(`the image ${image} is at ${url}`, () => {
    const { sources } = parse(repository(`image: "${image}"`), policy('policy: { numerical: {} }'));
    assert.equal(sources[0]?.url, url);
  });
}

test('an ImageRepository says how it is reached, and what is excluded', () => {
  const { sources, credentials } = parse(
    repository(`${IMAGE}, insecure: true, exclusionList: ["^dev-"], suspend: true`),
    policy('policy: { numerical: {} }'),
  );
  assert.deepEqual([sources[0]?.suspend, sources[0]?.ref.exclude], [true, ['^dev-']]);
  assert.equal(credentials[0]?.plainHttp, true);
});

test('one without the other is told what it lacks, and not that there is nothing to watch', () => {
  const alone = parse(repository(IMAGE)).notices.map(({ message }) => message);
  assert.match(alone.join(), /^ImageRepository flux-system\/podinfo says which image, and no ImagePolicy/);
  const without = parse(policy('policy: { numerical: {} }')).notices.map(({ message }) => message);
  assert.match(without.join(), /^ImagePolicy flux-system\/app is not mapped: it chooses among the tags of/);
});

for (const [what, text] of [
  ['a policy of no kind', policy('policy: {}')],
  ['a filter that is none', policy('policy: { numerical: {} }, filterTags: { pattern: "(" }')],
  [
    'an exclusion that is none',
    `${repository(`${IMAGE}, exclusionList: ["("]`)}---${policy('policy: { numerical: {} }')}`,
  ],
  ['an image with a password', `${repository('image: "u:canary@ghcr.io/a"')}`],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => parse(repository(IMAGE).replace('podinfo,', 'other,'), text),
      (error) =>
        error instanceof Error &&
        !error.message.includes('canary') &&
        /CONFIG_INVALID/.test(JSON.stringify(error)),
    );
  });
}
