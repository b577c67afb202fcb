import { memoryKeySource } from '../../../shared/trigger/jwt/memory-key-source.ts';
import { bearing, type Claimed, issuerKey, keySet, token } from '../jwt/tokens.ts';
import { DIGEST, PUSHED, REPOSITORY, type SenderFixture, TAG, UNTAGGED } from './fixture.ts';

const HOST = 'own.azurecr.io';
const told = (action: string, target: Readonly<Record<string, unknown>>) => ({
  id: 'cb8c3971-9adc-488b-bdd8-43cbb4974ff5',
  timestamp: '2026-11-21T08:00:01.343402345Z',
  action,
  target: {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    size: 524,
    digest: DIGEST,
    length: 524,
    repository: REPOSITORY,
    ...target,
  },
  request: { id: '3cbb6949', host: HOST, method: 'PUT', useragent: 'oras/1.2' },
});
const chart = { mediaType: 'application/vnd.acr.helm.chart', name: 'app', version: TAG, tag: TAG };

export const acr: SenderFixture = {
  entry: { name: 'own', type: 'acr', registry: HOST },
  sign: (_, secret) => ({ authorization: `Bearer ${secret}` }),
  cases: [
    { name: 'a push of a tag', body: told('push', { tag: TAG }), want: PUSHED },
    { name: 'a push by digest', body: told('push', {}), want: UNTAGGED },
    { name: 'a push of a chart', body: told('chart_push', chart), want: PUSHED },
    {
      name: 'a ping',
      body: { id: 'e6f7', timestamp: '2026-11-21T08:00:00Z', action: 'ping' },
      want: [],
    },
    ...['delete', 'chart_delete', 'quarantine'].map((action) => ({
      name: action,
      body: told(action, { tag: TAG }),
      want: [],
    })),
  ],
};

const SUBJECT = `${REPOSITORY}:${TAG}`;
const TOPIC = '/subscriptions/0/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/own';
const eventGrid = (kind: string, data: unknown = told('push', { tag: TAG })) => ({
  id: '831e1650-001e-001b-66ab-eeb76e069631',
  topic: TOPIC,
  subject: SUBJECT,
  eventType: `Microsoft.ContainerRegistry.${kind}`,
  eventTime: '2026-11-21T08:00:02Z',
  data,
  dataVersion: '1.0',
  metadataVersion: '1',
});
const cloudEvent = (kind: string, data: unknown = told('push', { tag: TAG })) => ({
  specversion: '1.0',
  id: '831e1650-001e-001b-66ab-eeb76e069631',
  source: TOPIC,
  subject: SUBJECT,
  type: `Microsoft.ContainerRegistry.${kind}`,
  time: '2026-11-21T08:00:02Z',
  data,
});

export const acrEventGrid: SenderFixture = {
  entry: { name: 'grid', type: 'acr-event-grid', registry: HOST },
  sign: (_, secret) => ({ 'x-landfall-secret': secret }),
  cases: [
    { name: 'an image', body: [eventGrid('ImagePushed')], want: PUSHED },
    {
      name: 'a chart',
      body: [eventGrid('ChartPushed', { ...told('chart_push', chart) })],
      want: PUSHED,
    },
    {
      name: 'a batch with a delete and a broken one',
      body: [eventGrid('ImageDeleted'), 7, eventGrid('ImagePushed', null), eventGrid('ImagePushed')],
      want: PUSHED,
    },
    {
      name: 'a CloudEvent',
      body: cloudEvent('ImagePushed'),
      headers: { 'content-type': 'application/cloudevents+json' },
      want: PUSHED,
    },
    {
      name: 'a batch of CloudEvents',
      body: [
        cloudEvent('ImageDeleted'),
        cloudEvent('ImagePushed'),
        cloudEvent('ImagePushed', told('push', {})),
      ],
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      want: [...PUSHED, ...UNTAGGED],
    },
    { name: 'a deleted image', body: [eventGrid('ImageDeleted', told('delete', {}))], want: [] },
    {
      name: 'an event of another service',
      body: [{ ...eventGrid('x'), eventType: 'Microsoft.Storage.BlobCreated' }],
      want: [],
    },
  ],
};

const TENANT = '7a3e4c60-2c06-4b0a-9c4c-b2f3a1c8d001';
const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const entra = issuerKey('entra-1', 'RS256');
const foreign = issuerKey('entra-1', 'RS256');

/** A token as Entra makes it for an application that takes those of the first version, as they do unless told. */
export const entraToken = (claims: Claimed = {}, key = entra): string =>
  token(key, {
    iss: `https://sts.windows.net/${TENANT}/`,
    aud: 'api://landfall',
    appid: '4962773b-9cdb-44cf-a8bf-237846a00ab7',
    sub: 'e1a7',
    tid: TENANT,
    ver: '1.0',
    ...claims,
  });
export const ENTRA_V2: Claimed = {
  iss: V2,
  ver: '2.0',
  appid: undefined,
  azp: '4962773b-9cdb-44cf-a8bf-237846a00ab7',
};

/** With Entra in place of the header. */
export const acrEventGridEntra: SenderFixture = {
  ...acrEventGrid,
  entry: {
    ...{ name: 'entra', type: 'acr-event-grid', registry: HOST },
    entra: { tenant: TENANT, audience: 'api://landfall' },
  },
  deps: { keys: memoryKeySource(new Map([[V2, keySet(entra)]])) },
  sign: bearing(entraToken(), entraToken({}, foreign)),
};
