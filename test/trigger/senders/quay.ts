import { REPOSITORY, type SenderFixture } from './fixture.ts';

const about = {
  repository: REPOSITORY,
  namespace: 'team',
  name: 'app',
  docker_url: `quay.example/${REPOSITORY}`,
  homepage: `https://quay.example/repository/${REPOSITORY}`,
};

export const quay: SenderFixture = {
  entry: { name: 'quay', type: 'quay', registry: 'quay.example' },
  cases: [
    {
      name: 'a push of several tags',
      body: { ...about, updated_tags: ['latest', 'foo', 'latest'], pruned_image_count: 0 },
      want: [
        { repository: REPOSITORY, tag: 'latest' },
        { repository: REPOSITORY, tag: 'foo' },
      ],
    },
    {
      name: 'a push, one of its tags broken',
      body: { ...about, updated_tags: [null, 7, 'v1'] },
      want: [{ repository: REPOSITORY, tag: 'v1' }],
    },
    {
      name: 'a push as Quay Enterprise told of it: each tag with the id of its image',
      body: { ...about, pushed_image_count: 2, updated_tags: { latest: 'b750fe79', v1: 'b750fe79' } },
      want: [
        { repository: REPOSITORY, tag: 'latest' },
        { repository: REPOSITORY, tag: 'v1' },
      ],
    },
    { name: 'a push of tags without images', body: { ...about, updated_tags: { v1: 7, v2: {} } }, want: [] },
    { name: 'a push of nothing', body: { ...about, updated_tags: [] }, want: [] },
    {
      name: 'a finished build',
      body: { ...about, build_id: 'b6c7', build_name: 'x', docker_tags: ['latest'], trigger_kind: 'GitHub' },
      want: [],
    },
    {
      name: 'a vulnerability',
      body: { ...about, tags: ['latest'], vulnerability: { id: 'CVE-2026-0001', priority: 'High' } },
      want: [],
    },
    { name: 'a mirror that begins', body: { ...about, message: 'Mirror of x started' }, want: [] },
    { name: "a body of the user's own", body: ['pushed'], want: [] },
  ],
};
