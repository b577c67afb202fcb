import { OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
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

const event = (target: Readonly<Record<string, unknown>>, action = 'push') => ({
  id: '7d3b4c2e-91a5-4b7e-8a53-0f6f4a1f9c11',
  timestamp: '2026-11-21T08:00:00.123456789Z',
  action,
  target: {
    mediaType: OCI_MANIFEST,
    size: 424,
    digest: DIGEST,
    length: 424,
    repository: REPOSITORY,
    url: `http://localhost:5000/v2/${REPOSITORY}/manifests/${DIGEST}`,
    ...target,
  },
  request: { id: 'b0c1', addr: '10.0.0.9:51234', host: 'localhost:5000', method: 'PUT', useragent: 'oras' },
  actor: { name: 'ci' },
  source: { addr: 'registry-0:5000', instanceID: '9c0f' },
});

export const distribution: SenderFixture = {
  entry: { name: 'zone', type: 'distribution', registry: REGISTRY },
  sign: (_, secret) => ({
    authorization: `Bearer ${secret}`,
    'content-type': 'application/vnd.docker.distribution.events.v2+json',
  }),
  cases: [
    { name: 'a push of a tag', body: { events: [event({ tag: TAG })] }, want: PUSHED },
    { name: 'a push by digest', body: { events: [event({})] }, want: UNTAGGED },
    {
      name: 'a batch: a blob, a pull, a mount, a delete, something broken, a push',
      body: {
        events: [
          event({ mediaType: 'application/octet-stream' }),
          event({ tag: TAG }, 'pull'),
          event({ fromRepository: 'a/b' }, 'mount'),
          { action: 'delete', target: { digest: DIGEST, repository: REPOSITORY } },
          { action: 'push' },
          event({ tag: TAG }),
        ],
      },
      want: PUSHED,
    },
    {
      name: 'a tag of a manifest of another type',
      body: {
        events: [event({ tag: TAG, mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws' })],
      },
      want: PUSHED,
    },
    {
      name: 'a blob with an empty tag',
      body: { events: [event({ tag: '', mediaType: 'application/octet-stream' })] },
      want: [],
    },
    { name: 'no events', body: { events: [] }, want: [] },
    // Go writes a slice that was never made, and a pointer to nothing, as null.
    { name: 'null for events', body: { events: null }, want: [] },
    {
      name: 'nulls in an event',
      body: {
        events: [null, { action: 'push', target: null }, event({ mediaType: null, tag: TAG, digest: null })],
      },
      want: TAGGED,
    },
    { name: 'an empty tag', body: { events: [event({ tag: '' })] }, want: UNTAGGED },
  ],
};
