import { OCI_MANIFEST } from '../../../oci/media-types.ts';
import type { EntraOptions } from '../../../source/receiver-entry.ts';
import type { SampleContext, SamplePush, Sender } from './sender.ts';

/** An event of a registry's notifications, which Azure sends on as they are. */
export const registryEvent = (
  { repository, tag, digest }: SamplePush,
  { registry, now }: SampleContext,
): Readonly<Record<string, unknown>> => ({
  id: crypto.randomUUID(),
  timestamp: new Date(now).toISOString(),
  action: 'push',
  target: { mediaType: OCI_MANIFEST, repository, tag, digest },
  request: { host: registry, method: 'PUT' },
});

export const acr: Sender = {
  how: 'az acr webhook create --actions push --uri <the URL> --headers "Authorization=Bearer <the secret>"',
  sample: (push, context) => ({
    headers: { authorization: `Bearer ${context.secret}` },
    body: JSON.stringify(registryEvent(push, context)),
  }),
};

const SUBSCRIBE =
  'az eventgrid event-subscription create --endpoint <the URL> --included-event-types Microsoft.ContainerRegistry.ImagePushed Microsoft.ContainerRegistry.ChartPushed';

export const acrEventGrid: Sender = {
  how: `${SUBSCRIBE} --delivery-attribute-mapping X-Landfall-Secret static <the secret> true`,
  sample: (push, context) => ({
    headers: { 'x-landfall-secret': context.secret, 'aeg-event-type': 'Notification' },
    body: JSON.stringify([
      {
        id: crypto.randomUUID(),
        eventType: 'Microsoft.ContainerRegistry.ImagePushed',
        subject: `${push.repository}:${push.tag}`,
        eventTime: new Date(context.now).toISOString(),
        data: registryEvent(push, context),
        dataVersion: '1.0',
      },
    ]),
  }),
};

/** A subscription that delivers with tokens of Microsoft Entra in place of the header. */
export const entraEventGrid = ({ tenant, audience }: EntraOptions): Sender => ({
  how: `${SUBSCRIBE} --azure-active-directory-tenant-id ${tenant} --azure-active-directory-application-id-or-uri ${audience}`,
  sample: 'its requests carry a token that Microsoft Entra signs for Event Grid; push an image',
});
