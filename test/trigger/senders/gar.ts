import { memoryKeySource } from '../../../shared/trigger/jwt/memory-key-source.ts';
import type { WebhookWithBody } from '../../../shared/trigger/webhook.ts';
import { bearing, type Claimed, issuerKey, keySet, token } from '../jwt/tokens.ts';
import {
  DIGEST,
  PUSHED,
  REGISTRY,
  REPOSITORY,
  type SenderFixture,
  TAG,
  TAGGED,
  UNTAGGED,
} from './fixture.ts';

const google = issuerKey('google-1', 'RS256');
const foreign = issuerKey('google-1', 'RS256');
const AUDIENCE = 'landfall-gar';
const ACCOUNT = 'push@project.iam.gserviceaccount.com';

/** A token as Pub/Sub has it. */
export const googleToken = (claims: Claimed = {}, key = google): string =>
  token(key, {
    iss: 'https://accounts.google.com',
    aud: AUDIENCE,
    azp: '113774264463038321964',
    sub: '113774264463038321964',
    email: ACCOUNT,
    email_verified: true,
    nbf: undefined,
    ...claims,
  });

const UNWRAPPED = {
  'x-goog-pubsub-message-id': '2070443601311540',
  'x-goog-pubsub-subscription-name': 'projects/project/subscriptions/landfall',
};
const wrap = (data: unknown): unknown => ({
  message: {
    data: Buffer.from(JSON.stringify(data)).toString('base64'),
    attributes: {},
    messageId: '2070443601311540',
    message_id: '2070443601311540',
    publishTime: '2026-11-21T08:00:00.000Z',
  },
  subscription: 'projects/project/subscriptions/landfall',
});

const tag = `${REGISTRY}/${REPOSITORY}:${TAG}`;
const digest = `${REGISTRY}/${REPOSITORY}@${DIGEST}`;
const both: readonly (readonly [string, (data: unknown) => unknown, WebhookWithBody['headers']])[] = [
  ['wrapped', wrap, {}],
  ['unwrapped', (data) => data, UNWRAPPED],
];

export const gar: SenderFixture = {
  entry: { name: 'gar', type: 'gar', registry: REGISTRY, audience: AUDIENCE, serviceAccount: ACCOUNT },
  deps: { keys: memoryKeySource(new Map([['https://accounts.google.com', keySet(google)]])) },
  sign: bearing(googleToken(), googleToken({}, foreign)),
  cases: [
    ...both.flatMap(([form, write, headers]) =>
      [
        { name: 'a push', data: { action: 'INSERT', digest, tag }, want: PUSHED },
        { name: 'a push without a tag', data: { action: 'INSERT', digest }, want: UNTAGGED },
        { name: 'a tag that was added', data: { action: 'INSERT', tag }, want: TAGGED },
        { name: 'a bare tag beside a digest', data: { action: 'INSERT', digest, tag: TAG }, want: PUSHED },
        { name: 'a delete of a tag', data: { action: 'DELETE', tag }, want: [] },
        { name: 'a delete of an image', data: { action: 'DELETE', digest }, want: [] },
        {
          name: 'a push to another registry of the project',
          data: { action: 'INSERT', tag: `europe-docker.pkg.dev/${REPOSITORY}:${TAG}` },
          want: [],
        },
        { name: 'something else on the topic', data: { action: 'INSERT', tag: '//' }, want: [] },
      ].map(({ name, data, want }) => ({
        name: `${name}, ${form}`,
        body: write(data),
        headers: headers as Readonly<Record<string, string>>,
        want,
      })),
    ),
  ],
};
