import type { ReceiverType } from '../../../shared/source/receiver-entry.ts';
import {
  DIGEST,
  FORM,
  form,
  hmac,
  REGISTRY,
  REPOSITORY,
  type SenderFixture,
  TAG,
  TAGGED,
  UNTAGGED,
} from './fixture.ts';

const told = (over: Readonly<Record<string, unknown>> = {}, action = 'created') => ({
  action,
  repository: null,
  package: {
    id: 9,
    owner: { id: 3, login: 'team', username: 'team', email: 'team@noreply.git.example' },
    repository: null,
    creator: { id: 1, login: 'ci' },
    type: 'container',
    name: 'app',
    version: TAG,
    html_url: `https://git.example/team/-/packages/container/app/${TAG}`,
    created_at: '2026-11-21T08:00:00Z',
    ...over,
  },
  organization: { id: 3, name: 'team' },
  sender: { id: 1, login: 'ci' },
});

/** The signature is over the JSON, also where that comes in a form. */
const signedPart = (body: Uint8Array): string => {
  const text = Buffer.from(body).toString();
  return new URLSearchParams(text).get('payload') ?? text;
};

const fixtureOf = (type: Extract<ReceiverType, 'gitea' | 'forgejo'>): SenderFixture => ({
  entry: { name: 'git', type, registry: REGISTRY },
  sign: (body, secret) => ({
    [`x-${type}-event`]: 'package',
    [`x-${type}-signature`]: hmac(signedPart(body), secret),
  }),
  signsBody: true,
  cases: [
    { name: 'a tag', body: told(), want: TAGGED },
    { name: 'a tag in a form', body: form(told()), headers: FORM, want: TAGGED },
    { name: "a platform's manifest", body: told({ version: DIGEST }), want: UNTAGGED },
    {
      name: 'a name of several components, of an owner in capitals',
      body: told({ name: 'charts/app', owner: { login: 'Team' } }),
      want: [{ repository: 'Team/charts/app', tag: TAG }],
    },
    { name: 'a chart', body: told({ type: 'helm' }), want: [{ repository: REPOSITORY, tag: TAG }] },
    { name: 'a package of npm', body: told({ type: 'npm' }), want: [] },
    { name: 'a deleted tag', body: told({}, 'deleted'), want: [] },
    { name: 'a push of commits', body: { ref: 'refs/heads/main', commits: [] }, want: [] },
  ],
});

export const gitea = fixtureOf('gitea');
export const forgejo = fixtureOf('forgejo');
