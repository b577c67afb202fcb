import type { PushHint } from '../../../shared/trigger/receivers/receiver.ts';
import { DIGEST, hmac, REGISTRY, REPOSITORY, type SenderFixture, TAG } from './fixture.ts';

const told = (what: Readonly<Record<string, unknown>>, action = 'CREATED'): unknown => ({
  timestamp: '2026-11-21T08:00:00.000+00:00',
  nodeId: '7FFA7361-6ED33978-36997BD4-47095CC4-331356BE',
  initiator: 'ci/127.0.0.1',
  repositoryName: 'docker-hosted',
  action,
  ...what,
});
const component = (over: Readonly<Record<string, unknown>> = {}) => ({
  component: {
    id: '08909bf0c86cf6c9600aade89e1c5e25',
    componentId: 'ZG9ja2VyLWhvc3RlZDo4',
    format: 'docker',
    name: REPOSITORY,
    group: null,
    version: TAG,
    ...over,
  },
});
const asset = (name: string, format = 'docker') => ({
  asset: { id: '31c950c8eeeab78336308177ae9c441c', assetId: 'ZG9ja2Vy', format, name },
});
const both = (over: Partial<PushHint>): readonly PushHint[] =>
  [REPOSITORY, `docker-hosted/${REPOSITORY}`].map((repository) => ({ repository, ...over }));

const COMPONENT = { 'x-nexus-webhook-id': 'rm:repository:component' };
const ASSET = { 'x-nexus-webhook-id': 'rm:repository:asset' };

export const nexus: SenderFixture = {
  entry: { name: 'nexus', type: 'nexus', registry: REGISTRY },
  sign: (body, secret) => ({ 'x-nexus-webhook-signature': hmac(body, secret, 'sha1') }),
  signsBody: true,
  cases: [
    { name: 'a component', body: told(component()), headers: COMPONENT, want: both({ tag: TAG }) },
    {
      name: 'a component again',
      body: told(component(), 'UPDATED'),
      headers: COMPONENT,
      want: both({ tag: TAG }),
    },
    {
      name: 'a component by digest',
      body: told(component({ version: DIGEST })),
      headers: COMPONENT,
      want: both({ digest: DIGEST }),
    },
    {
      name: 'the manifest of a tag',
      body: told(asset(`v2/${REPOSITORY}/manifests/${TAG}`)),
      headers: ASSET,
      want: both({ tag: TAG }),
    },
    {
      name: 'the manifest of a digest, with a slash before',
      body: told(asset(`/v2/${REPOSITORY}/manifests/${DIGEST}`)),
      headers: ASSET,
      want: both({ digest: DIGEST }),
    },
    { name: 'a blob', body: told(asset(`v2/-/blobs/${DIGEST}`)), headers: ASSET, want: [] },
    { name: 'a jar', body: told(asset('org/x/1/x.jar', 'maven2')), headers: ASSET, want: [] },
    {
      name: 'a component of Maven',
      body: told(component({ format: 'maven2' })),
      headers: COMPONENT,
      want: [],
    },
    { name: 'a delete', body: told(component(), 'DELETED'), headers: COMPONENT, want: [] },
    {
      name: 'a repository of Nexus that was made',
      body: told({ repository: { format: 'docker', name: 'docker-hosted', type: 'hosted' } }),
      headers: { 'x-nexus-webhook-id': 'rm:repository' },
      want: [],
    },
  ],
};
