import { signedHeaders } from '../../../shared/trigger/receivers/auth/standard-webhook.ts';
import type { PushHint } from '../../../shared/trigger/receivers/receiver.ts';
import {
  type EcrEvent,
  type EcrOrigin,
  ecrSample,
  ecrSamples,
  putImageSample,
} from '../../support/ecr-events.ts';
import { NOW } from '../receivers/samples.ts';
import {
  DIGEST,
  type PayloadCase,
  PUSHED,
  REGISTRY,
  REPOSITORY,
  type SenderFixture,
  TAG,
  TAGGED,
  UNTAGGED,
} from './fixture.ts';

interface Told {
  readonly name: string;
  readonly type: string;
  readonly data: unknown;
  readonly want: readonly PushHint[];
}

const PUSH = 'container.image.push';
const PUBLISHED = 'dev.cdevents.artifact.published.0.3.0';
const artifact = (type: string, id: string): unknown => ({
  context: { version: '0.5.0', id: '271069a8', source: '/ci/1', type, timestamp: '2026-11-21T08:00:00Z' },
  subject: { id, source: '/ci/1', content: { user: 'ci' } },
});
const encoded = DIGEST.replace(':', '%3A');
const OCI = `pkg:oci/app@${encoded}?repository_url=${REGISTRY}/${REPOSITORY}&tag=${TAG}`;

const EVENTS: readonly Told[] = [
  {
    name: 'a push',
    type: PUSH,
    data: { repository: REPOSITORY, tag: TAG, digest: DIGEST, registryUrl: 'evil.example' },
    want: PUSHED,
  },
  { name: 'a push of a tag', type: PUSH, data: { repository: REPOSITORY, tag: TAG }, want: TAGGED },
  // As the input transformer in argocd-image-updater's documentation has it, docs/configuration/webhook.md.
  ...[
    { name: 'a push to ECR', imageTag: TAG, want: PUSHED },
    { name: 'a push to ECR without a tag, as EventBridge fills it in', imageTag: '', want: UNTAGGED },
    { name: 'a push to ECR with null for a tag', imageTag: null, want: UNTAGGED },
  ].map(({ name, imageTag, want }) => ({
    name,
    type: 'com.amazon.ecr.image.push',
    data: { repositoryName: REPOSITORY, imageDigest: DIGEST, imageTag, registryId: '123456789012' },
    want,
  })),
  {
    name: 'a delete in ECR',
    type: 'com.amazon.ecr.image.delete',
    data: { repositoryName: REPOSITORY, imageTag: TAG },
    want: [],
  },
  { name: 'something else', type: 'container.image.delete', data: { repository: REPOSITORY }, want: [] },
  ...[
    { name: 'an image', id: OCI, want: PUSHED },
    { name: 'an image with its digest not encoded', id: OCI.replace('%3A', ':'), want: PUSHED },
    { name: 'an image and a platform', id: `${OCI}&arch=amd64#sub/path`, want: PUSHED },
    {
      name: 'an image without a tag',
      id: `pkg:oci/app@${encoded}?repository_url=${REGISTRY}/${REPOSITORY}`,
      want: UNTAGGED,
    },
    {
      name: 'an image without a host',
      id: `pkg:oci/app@${encoded}?repository_url=${REPOSITORY}`,
      want: UNTAGGED,
    },
    {
      name: 'an image of Docker',
      id: `pkg:docker/${REPOSITORY}@${TAG}?repository_url=${REGISTRY}`,
      want: TAGGED,
    },
    { name: 'an image of Docker by digest', id: `pkg:docker/${REPOSITORY}@${DIGEST}`, want: UNTAGGED },
    { name: 'a module', id: 'pkg:golang/mygit.com/myorg/myapp@234fd47e07d1004f0aed9c', want: [] },
    { name: 'a name with half a percent sign', id: 'pkg:oci/app%', want: [] },
  ].map(({ name, id, want }) => ({
    name: `${name}, published`,
    type: PUBLISHED,
    data: artifact(PUBLISHED, id),
    want,
  })),
  ...['dev.cdevents.artifact.packaged.0.3.0', 'dev.cdevents.artifact.published'].map((type) => ({
    name: type,
    type,
    data: artifact(type, OCI),
    want: PUSHED,
  })),
  ...['dev.cdevents.artifact.deleted.0.1.0', 'dev.cdevents.artifact.publishedx'].map((type) => ({
    name: type,
    type,
    data: artifact(type, OCI),
    want: [],
  })),
];

const attributes = { specversion: '1.0', id: '271069a8', source: '/ci/1' };
const binary = ({ name, type, data, want }: Told): PayloadCase => ({
  name: `${name}, binary`,
  body: data,
  headers: { 'ce-specversion': '1.0', 'ce-id': '271069a8', 'ce-source': '/ci/1', 'ce-type': type },
  want,
});
const structured = ({ name, type, data, want }: Told): PayloadCase => ({
  name: `${name}, structured`,
  body: { ...attributes, type, datacontenttype: 'application/json', data },
  headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
  want,
});

const AT: EcrOrigin = { account: '123456789012', region: 'eu-west-1', repository: REPOSITORY, tag: TAG };
const looks = (event: EcrEvent): readonly PushHint[] => {
  const { 'image-tag': tag, 'image-digest': digest } = event['detail'] as Readonly<Record<string, string>>;
  return [
    { repository: REPOSITORY, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) },
  ];
};
/** What an API destination of EventBridge sends without an input transformer. */
const UNCHANGED: readonly PayloadCase[] = [
  ...ecrSamples(AT).map(({ name, event, rule }) => ({
    name: `of EventBridge as it is: ${name}`,
    body: event,
    want: rule === undefined ? [] : looks(event),
  })),
  {
    name: 'of EventBridge as it is: PutImage by CloudTrail',
    body: putImageSample(AT),
    want: looks(ecrSample('a completed image push', AT)),
  },
  {
    name: 'of EventBridge as it is: PutImage that was refused',
    body: putImageSample(AT, { errorCode: 'ImageAlreadyExistsException', responseElements: null }),
    want: [],
  },
  {
    name: 'of EventBridge as it is: another call',
    body: putImageSample(AT, { eventName: 'BatchGetImage' }),
    want: [],
  },
  {
    name: 'of EventBridge as it is: of another source',
    body: { ...putImageSample(AT), source: 'team.ecr' },
    want: [],
  },
];

export const cloudEvents: SenderFixture = {
  entry: { name: 'events', type: 'cloudevents', registry: REGISTRY },
  sign: (_, secret) => ({ authorization: `Bearer ${secret}` }),
  cases: [
    ...EVENTS.flatMap((event) => [binary(event), structured(event)]),
    ...UNCHANGED,
    {
      name: 'several, one of them broken',
      body: [
        null,
        { ...attributes },
        ...EVENTS.slice(0, 2).map(({ type, data }) => ({ ...attributes, type, data })),
      ],
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      want: [...PUSHED, ...TAGGED],
    },
    {
      name: 'data in base64',
      body: {
        ...attributes,
        type: PUSH,
        data_base64: Buffer.from(JSON.stringify({ repository: REPOSITORY, tag: TAG })).toString('base64'),
      },
      headers: { 'content-type': 'application/cloudevents+json' },
      want: TAGGED,
    },
  ],
};

/** Signed as the generic receiver has it. */
export const cloudEventsSigned: SenderFixture = {
  ...cloudEvents,
  sign: (body, secret) => signedHeaders({ id: 'msg_1', timestamp: NOW / 1000, body }, secret),
  signsBody: true,
};
