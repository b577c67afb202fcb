import { REPOSITORY, type SenderFixture, TAG, TAGGED } from './fixture.ts';

const push = (tag: unknown, pushedAt: number) => ({
  callback_url: `https://registry.hub.docker.com/u/${REPOSITORY}/hook/2141b5bi5i5b02bec211i4eeih0242eg11000a/`,
  push_data: {
    pushed_at: pushedAt,
    pusher: 'somebody',
    tag,
    images: [],
    media_type: 'application/vnd.oci.image.manifest.v1+json',
  },
  repository: {
    comment_count: 0,
    date_created: 1_763_712_000,
    description: '',
    dockerfile: 'FROM scratch\n',
    full_description: '# An app',
    is_official: false,
    is_private: true,
    is_trusted: false,
    name: 'app',
    namespace: 'team',
    owner: 'team',
    repo_name: REPOSITORY,
    repo_url: 'https://hub.docker.com/r/team/app',
    star_count: 0,
    status: 'Active',
  },
});

export const dockerHub: SenderFixture = {
  entry: { name: 'hub', type: 'docker-hub', registry: 'docker.io' },
  cases: [
    { name: 'a push', body: push(TAG, 1_763_712_001), want: TAGGED },
    { name: 'a push of old, its time a fraction', body: push(TAG, 1.763712001e9), want: TAGGED },
    { name: 'a push without a tag', body: push(null, 1), want: [{ repository: REPOSITORY }] },
    {
      name: 'no push',
      body: { repository: { repo_name: REPOSITORY } },
      want: [],
      isMalformed: true,
    },
  ],
};
