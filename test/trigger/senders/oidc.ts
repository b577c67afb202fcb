import { memoryKeySource } from '../../../shared/trigger/jwt/memory-key-source.ts';
import { AUDIENCE, bearing, type Claimed, ISSUER, issuerKey, keySet, token } from '../jwt/tokens.ts';
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

const ci = issuerKey('ci-1', 'RS256');
const foreign = issuerKey('ci-1', 'RS256');

/** A token as a job of GitHub Actions has it. */
export const jobToken = (claims: Claimed = {}, key = ci): string =>
  token(key, {
    sub: 'repo:octo/app:ref:refs/heads/main',
    repository: 'octo/app',
    repository_owner_id: '65',
    ref: 'refs/heads/main',
    event_name: 'push',
    run_attempt: '1',
    ...claims,
  });

export const oidc: SenderFixture = {
  entry: {
    name: 'ci',
    type: 'oidc',
    registry: REGISTRY,
    issuer: ISSUER,
    audience: AUDIENCE,
    claims: { repository: 'octo/*', ref: 'refs/heads/{main,release-*}' },
  },
  deps: { keys: memoryKeySource(new Map([[ISSUER, keySet(ci)]])) },
  sign: bearing(jobToken(), jobToken({}, foreign)),
  cases: [
    { name: 'a push', body: { repository: REPOSITORY, tag: TAG, digest: DIGEST }, want: PUSHED },
    { name: 'a tag', body: { repository: REPOSITORY, tag: TAG, host: 'evil.example' }, want: TAGGED },
    { name: 'a digest', body: { repository: REPOSITORY, digest: DIGEST, tag: null }, want: UNTAGGED },
    {
      name: 'a repository of somebody else',
      body: { repository: 'evil/app' },
      want: [{ repository: 'evil/app' }],
    },
  ],
};
