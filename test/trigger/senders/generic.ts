import { signedHeaders } from '../../../shared/trigger/receivers/auth/standard-webhook.ts';
import { NOW } from '../receivers/samples.ts';
import { DIGEST, PUSHED, REGISTRY, REPOSITORY, type SenderFixture, TAG } from './fixture.ts';

export const generic: SenderFixture = {
  entry: { name: 'ci', type: 'generic', registry: REGISTRY },
  sign: (body, secret) => signedHeaders({ id: 'msg_1', timestamp: NOW / 1000, body }, secret),
  signsBody: true,
  cases: [
    {
      name: 'a push',
      body: { repository: REPOSITORY, tag: TAG, digest: DIGEST, host: REGISTRY },
      want: PUSHED,
    },
    { name: 'a repository alone', body: { repository: REPOSITORY }, want: [{ repository: REPOSITORY }] },
  ],
};
