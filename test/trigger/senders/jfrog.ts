import { DIGEST, hmac, type PayloadCase, PUSHED, REGISTRY, type SenderFixture, TAG } from './fixture.ts';

const told = (
  data: Readonly<Record<string, unknown>> = {},
  over: Readonly<Record<string, unknown>> = {},
): unknown => ({
  domain: 'docker',
  event_type: 'pushed',
  data: {
    repo_key: 'team',
    event_type: 'pushed',
    path: `app/${TAG}/manifest.json`,
    name: 'manifest.json',
    sha256: DIGEST.slice('sha256:'.length),
    size: 1206,
    image_name: 'app',
    tag: TAG,
    platforms: [{ architecture: 'amd64', os: 'linux' }],
    ...data,
  },
  subscription_key: 'landfall',
  jpd_origin: 'https://evil.example/artifactory',
  source: 'jfrog/admin',
  ...over,
});

const cases: readonly PayloadCase[] = [
  { name: 'a push', body: told(), want: PUSHED },
  {
    name: 'a push of a list',
    body: told({ path: `app/${TAG}/list.manifest.json`, name: 'list.manifest.json' }),
    want: PUSHED,
  },
  {
    // As https://jfrog.com/help/r/jfrog-platform-administration-documentation/domain-docker has it.
    name: 'a push of the documentation, which has the data alone',
    body: {
      repo_key: 'docker-remote-cache',
      event_type: 'pushed',
      path: `library/ubuntu/${TAG}/list.manifest.json`,
      name: 'list.manifest.json',
      sha256: DIGEST.slice('sha256:'.length),
      size: 1206,
      image_name: 'library/ubuntu',
      tag: TAG,
      platforms: [{ architecture: 'amd64', os: 'linux' }],
    },
    want: ['docker-remote-cache', 'docker-remote'].map((key) => ({
      repository: `${key}/library/ubuntu`,
      tag: TAG,
      digest: DIGEST,
    })),
  },
  {
    name: 'what a remote repository fetched',
    body: told({ repo_key: 'team-cache' }),
    want: [{ repository: 'team-cache/app', tag: TAG, digest: DIGEST }, ...PUSHED],
  },
  {
    name: 'what a remote repository fetched, told of as a file',
    body: told({ repo_key: 'team-cache' }, { domain: 'artifact', event_type: 'cached' }),
    want: [{ repository: 'team-cache/app', tag: TAG, digest: DIGEST }, ...PUSHED],
  },
  {
    name: 'a delete of the documentation, which has the data alone',
    body: {
      repo_key: 'team',
      event_type: 'deleted',
      path: `app/${TAG}/manifest.json`,
      name: 'manifest.json',
      image_name: 'app',
      tag: TAG,
    },
    want: [],
  },
  { name: 'a promotion', body: told({}, { event_type: 'promoted' }), want: PUSHED },
  {
    name: 'a manifest deployed as a file',
    body: told({ tag: undefined, image_name: undefined }, { domain: 'artifact', event_type: 'deployed' }),
    want: PUSHED,
  },
  {
    // As https://jfrog.com/help/r/jfrog-platform-administration-documentation/domain-artifact has every event of that domain.
    name: 'a manifest deployed as the documentation has it, in a wrapper and as text',
    body: {
      event: {
        id: '01HHPQXBVCH3XM1WZZF8910TRA',
        subscription_key: 'demo',
        domain: 'artifact',
        event_type: 'deployed',
        data: JSON.stringify({
          repo_key: 'team',
          path: `app/${TAG}/manifest.json`,
          name: 'manifest.json',
          sha256: DIGEST.slice('sha256:'.length),
          size: 422905,
        }),
        source: 'jfrog/jfrt@01hhpqgjhcns8d0rxqx8gh0kjt',
      },
    },
    want: PUSHED,
  },
  // As https://github.com/influxdata/telegraf/tree/master/plugins/inputs/webhooks/artifactory has them, and JFrog's page:
  // the repository and path are where it was, and the hook is of that repository.
  ...['copied', 'moved'].flatMap((event_type) => [
    {
      name: `a manifest ${event_type} to another repository: a promotion by files`,
      body: told(
        {
          tag: undefined,
          image_name: undefined,
          repo_key: 'team-dev',
          source_repo_path: `team-dev/app/${TAG}/manifest.json`,
          target_repo_path: `team/app/${TAG}/manifest.json`,
        },
        { domain: 'artifact', event_type },
      ),
      want: PUSHED,
    },
    {
      name: `a manifest ${event_type} to a repository that is named alone`,
      body: told(
        { tag: undefined, repo_key: 'team-dev', source_repo_path: 'team-dev', target_repo_path: 'team' },
        { domain: 'artifact', event_type },
      ),
      want: PUSHED,
    },
    {
      name: `a manifest ${event_type} nobody knows where to`,
      body: told({ repo_key: 'team-dev' }, { domain: 'artifact', event_type }),
      want: [],
    },
    {
      name: `a layer ${event_type}`,
      body: told(
        { name: 'sha256__aa', target_repo_path: `team/app/${TAG}/sha256__aa` },
        { domain: 'artifact', event_type },
      ),
      want: [],
    },
  ]),
  {
    name: 'a wrapper whose data is no JSON',
    body: { event: { domain: 'artifact', event_type: 'deployed', data: '{' } },
    want: [],
  },
  {
    name: 'a name of four parts',
    body: told({ path: `a/b/c/${TAG}/manifest.json` }),
    want: [{ repository: 'team/a/b/c', tag: TAG, digest: DIGEST }],
  },
  {
    name: 'a push by digest',
    body: told({ path: `app/${DIGEST}/manifest.json`, tag: DIGEST }),
    want: [{ repository: 'team/app', digest: DIGEST }],
  },
  {
    name: 'a layer',
    body: told(
      { path: `app/${TAG}/sha256__aa`, name: 'sha256__aa' },
      { domain: 'artifact', event_type: 'deployed' },
    ),
    want: [],
  },
  { name: 'a path of one part', body: told({ path: 'manifest.json' }), want: [] },
  { name: 'a path of two', body: told({ path: `${TAG}/manifest.json` }), want: [] },
  { name: 'a delete', body: told({}, { event_type: 'deleted' }), want: [] },
  { name: 'a property', body: told({}, { domain: 'artifact_property', event_type: 'added' }), want: [] },
  {
    name: 'a test',
    body: { domain: 'docker', event_type: 'pushed', data: { path: 'sample_dir/sample.txt' } },
    want: [],
  },
];

export const jfrog: SenderFixture = {
  entry: { name: 'jfrog', type: 'jfrog', registry: REGISTRY },
  sign: (_, secret) => ({ 'x-jfrog-event-auth': secret }),
  cases,
};

/** With "Use secret for payload signing". */
export const jfrogSigned: SenderFixture = {
  entry: { ...jfrog.entry, name: 'jfrog-signed', type: 'jfrog', signed: true },
  sign: (body, secret) => ({ 'x-jfrog-event-auth': hmac(body, secret) }),
  signsBody: true,
  cases,
};
