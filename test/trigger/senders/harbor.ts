import {
  DIGEST,
  OTHER_DIGEST,
  PUSHED,
  REGISTRY,
  REPOSITORY,
  type SenderFixture,
  TAG,
  UNTAGGED,
} from './fixture.ts';

const eventData = (resources: unknown) => ({
  resources,
  repository: {
    date_created: 1_763_712_000,
    name: 'app',
    namespace: 'team',
    repo_full_name: REPOSITORY,
    repo_type: 'private',
  },
});
const resource = { digest: DIGEST, tag: TAG, resource_url: `${REGISTRY}/${REPOSITORY}:${TAG}` };
const untagged = { digest: DIGEST, tag: DIGEST, resource_url: `${REGISTRY}/${REPOSITORY}@${DIGEST}` };
const told = (type: string, resources: unknown) => ({
  type,
  occur_at: 1_763_712_001,
  operator: 'robot$ci',
  event_data: eventData(resources),
});
const cloudEvent = (type: string, resources: unknown) => ({
  specversion: '1.0',
  id: '4e3c29f5-1c7b-4d0a-9c4c-b2f3a1c8d001',
  requestid: 'd9b2',
  source: '/projects/2/webhook/policies/15',
  type,
  datacontenttype: 'application/json',
  time: '2026-11-21T08:00:01Z',
  operator: 'robot$ci',
  data: eventData(resources),
});
const STRUCTURED = { 'content-type': 'application/cloudevents+json' };

export const harbor: SenderFixture = {
  entry: { name: 'harbor', type: 'harbor', registry: REGISTRY },
  sign: (_, secret) => ({ authorization: secret }),
  cases: [
    { name: 'a push', body: told('PUSH_ARTIFACT', [resource]), want: PUSHED },
    { name: 'a push without a tag', body: told('PUSH_ARTIFACT', [untagged]), want: UNTAGGED },
    {
      name: 'a push of several',
      body: told('PUSH_ARTIFACT', [null, resource, { ...untagged, digest: OTHER_DIGEST, tag: OTHER_DIGEST }]),
      want: [...PUSHED, { repository: REPOSITORY, digest: OTHER_DIGEST }],
    },
    {
      name: 'a push of who knows what',
      body: told('PUSH_ARTIFACT', []),
      want: [{ repository: REPOSITORY }],
    },
    { name: "a push of Harbor 1's", body: told('pushImage', [resource]), want: PUSHED },
    {
      name: 'a push as a CloudEvent',
      body: cloudEvent('harbor.artifact.pushed', [resource]),
      headers: STRUCTURED,
      want: PUSHED,
    },
    {
      name: 'a delete as a CloudEvent',
      body: cloudEvent('harbor.artifact.deleted', [resource]),
      headers: STRUCTURED,
      want: [],
    },
    {
      name: 'a push of no repository',
      body: { type: 'PUSH_ARTIFACT', event_data: { resources: [resource] } },
      want: [],
      isMalformed: true,
    },
    { name: "a push of another registry's", body: { updated_tags: ['x'] }, want: [], isMalformed: true },
    ...[
      'PULL_ARTIFACT',
      'DELETE_ARTIFACT',
      'SCANNING_COMPLETED',
      'SCANNING_FAILED',
      'SCANNING_STOPPED',
      'QUOTA_EXCEED',
      'QUOTA_WARNING',
      'REPLICATION',
      'TAG_RETENTION',
    ].map((type) => ({ name: type, body: told(type, [resource]), want: [] })),
  ],
};
