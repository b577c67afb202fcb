import {
  DIGEST,
  FORM,
  form,
  hmac,
  PUSHED,
  REPOSITORY,
  type SenderFixture,
  TAG,
  UNTAGGED,
} from './fixture.ts';

const version = {
  id: 1001,
  version: DIGEST,
  name: DIGEST,
  description: '',
  package_url: `ghcr.io/${REPOSITORY}:${TAG}`,
  manifest: '{"schemaVersion":2}',
  container_metadata: {
    tag: { name: TAG, digest: DIGEST },
    labels: { description: '', source: '' },
    manifest: { digest: DIGEST, media_type: 'application/vnd.oci.image.manifest.v1+json', config: {} },
  },
  source_url: 'https://github.com/team/app',
};
const published = {
  id: 77,
  name: 'app',
  namespace: 'team',
  description: null,
  ecosystem: 'CONTAINER',
  package_type: 'CONTAINER',
  html_url: 'https://github.com/orgs/team/packages/container/package/app',
  owner: { login: 'team', id: 5, type: 'Organization' },
  package_version: version,
  registry: {
    name: 'GitHub CONTAINER registry',
    type: 'CONTAINER',
    url: 'https://CONTAINER.pkg.github.com/team',
  },
};
type Parts = Readonly<Record<string, unknown>>;
const told = (over: Parts = {}, { action = 'published', key = 'package' } = {}) => ({
  action,
  [key]: { ...published, ...over },
  repository: { full_name: 'team/app' },
  organization: { login: 'team' },
  sender: { login: 'ci[bot]' },
});
const withVersion = (over: Parts) => told({ package_version: { ...version, ...over } });
const noTag = { tag: { name: '', digest: DIGEST } };

const PACKAGE = { 'x-github-event': 'package' };
const REGISTRY_PACKAGE = { 'x-github-event': 'registry_package' };

export const ghcr: SenderFixture = {
  entry: { name: 'gh', type: 'ghcr', registry: 'ghcr.io' },
  sign: (body, secret) => ({ 'x-hub-signature-256': `sha256=${hmac(body, secret)}` }),
  signsBody: true,
  cases: [
    { name: 'a package', body: told(), headers: PACKAGE, want: PUSHED },
    {
      name: 'a registry_package',
      body: told({}, { action: 'updated', key: 'registry_package' }),
      headers: REGISTRY_PACKAGE,
      want: PUSHED,
    },
    { name: 'a package in a form', body: form(told()), headers: { ...PACKAGE, ...FORM }, want: PUSHED },
    {
      name: "a platform's manifest: no tag behind the colon",
      body: withVersion({ package_url: `ghcr.io/${REPOSITORY}:`, container_metadata: noTag }),
      headers: PACKAGE,
      want: UNTAGGED,
    },
    {
      name: 'a digest that is none',
      body: withVersion({
        version: 'sha256:5e5e',
        name: 'sha256:5e5e',
        container_metadata: { tag: { name: TAG, digest: '5e5e' } },
      }),
      headers: PACKAGE,
      want: [{ repository: REPOSITORY, tag: TAG }],
    },
    {
      name: 'the tag as the version, and nothing else',
      body: told({ package_version: { version: TAG } }, { action: 'create', key: 'registry_package' }),
      headers: REGISTRY_PACKAGE,
      want: [{ repository: REPOSITORY, tag: TAG }],
    },
    {
      name: 'the tag in the URL alone',
      body: withVersion({ container_metadata: undefined }),
      headers: PACKAGE,
      want: PUSHED,
    },
    {
      name: 'a URL with a scheme',
      body: told({
        name: 'other',
        package_version: { ...version, package_url: `https://ghcr.io/${REPOSITORY}:${TAG}` },
      }),
      headers: PACKAGE,
      want: [...PUSHED, { repository: 'team/other', tag: TAG, digest: DIGEST }],
    },
    {
      name: 'a name of several components',
      body: told({
        name: 'charts/app',
        package_version: { ...version, package_url: `ghcr.io/team/charts/app:${TAG}` },
      }),
      headers: PACKAGE,
      want: [{ repository: 'team/charts/app', tag: TAG, digest: DIGEST }],
    },
    {
      name: 'a namespace with the repository',
      body: told({ namespace: 'team/site', package_version: { ...version, package_url: '' } }),
      headers: PACKAGE,
      want: [
        { repository: 'team/app', tag: TAG, digest: DIGEST },
        { repository: 'team/site/app', tag: TAG, digest: DIGEST },
      ],
    },
    {
      name: 'a package of npm',
      body: told({
        package_type: 'npm',
        ecosystem: 'npm',
        package_version: { version: '1.0.0', package_url: '' },
      }),
      headers: PACKAGE,
      want: [],
    },
    { name: 'a deleted package', body: told({}, { action: 'deleted' }), headers: PACKAGE, want: [] },
    {
      name: 'a ping',
      body: {
        zen: 'Keep it logically awesome.',
        hook_id: 1,
        hook: { type: 'Repository', events: ['package'] },
      },
      headers: { 'x-github-event': 'ping' },
      want: [],
    },
    {
      name: 'a push of commits',
      body: { ref: 'refs/heads/main' },
      headers: { 'x-github-event': 'push' },
      want: [],
    },
    {
      name: 'a package of nothing',
      body: { action: 'published' },
      headers: PACKAGE,
      want: [],
      isMalformed: true,
    },
    { name: 'an event without a name', body: told(), want: [] },
  ],
};
