import { OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { DIGEST, PUSHED, REGISTRY, REPOSITORY, type SenderFixture, TAG, UNTAGGED } from './fixture.ts';

/** As zot 2.1 sends it. */
const binary = (type: string): Readonly<Record<string, string>> => ({
  'ce-id': '5e2cabc5-ad60-460a-9f64-9ff860340389',
  'ce-source': 'zotregistry.dev',
  'ce-specversion': '1.0',
  'ce-time': '2026-11-21T08:00:00.815117424Z',
  'ce-type': type,
  'content-type': 'application/json',
});
const request = { addr: '127.0.0.1:32998', method: 'PUT', useragent: 'landfall' };
const image = (reference: string) => ({
  digest: DIGEST,
  manifest: JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, layers: [] }),
  mediaType: OCI_MANIFEST,
  name: REPOSITORY,
  reference,
  request,
});
const UPDATED = 'zotregistry.image.updated';

export const zot: SenderFixture = {
  entry: { name: 'zot', type: 'zot', registry: REGISTRY },
  sign: (_, secret) => ({ authorization: `Basic ${Buffer.from(`zot:${secret}`).toString('base64')}` }),
  cases: [
    { name: 'a push', body: image(TAG), headers: binary(UPDATED), want: PUSHED },
    { name: 'a push by digest', body: image(DIGEST), headers: binary(UPDATED), want: UNTAGGED },
    {
      name: 'the new repository that a first push tells of besides',
      body: { name: REPOSITORY, request },
      headers: binary('zotregistry.repository.created'),
      want: [],
    },
    ...['image.deleted', 'image.lint_failed', 'image.scanned'].map((type) => ({
      name: type,
      body: image(TAG),
      headers: binary(`zotregistry.${type}`),
      want: [],
    })),
    {
      name: 'a push, structured',
      body: { specversion: '1.0', id: '1', source: 'zotregistry.dev', type: UPDATED, data: image(TAG) },
      headers: { 'content-type': 'application/cloudevents+json' },
      want: PUSHED,
    },
  ],
};

/** With a token in the sink's credentials. */
export const zotBearer: SenderFixture = {
  ...zot,
  sign: (_, secret) => ({ authorization: `Bearer ${secret}` }),
};
