import { createHmac } from 'node:crypto';
import { OCI_MANIFEST } from '../../../oci/media-types.ts';
import type { ReceiverType } from '../../../source/receiver-entry.ts';
import { signedHeaders } from '../auth/standard-webhook.ts';
import type { ReceiverBinding } from '../receiver.ts';
import { acr, acrEventGrid, entraEventGrid, registryEvent } from './acr.ts';
import { forgejo, ghcr, gitea, jfrog } from './body-signers.ts';
import type { Sender } from './sender.ts';

type SenderOf<T extends ReceiverType> = (entry: ReceiverBinding<T>) => Sender;

/** Whoever calls a receiver of a type, as the receiver has it set up. */
export const SENDERS: { readonly [T in ReceiverType]: SenderOf<T> } = {
  acr: () => acr,
  'acr-event-grid': ({ entra }) => (entra === undefined ? acrEventGrid : entraEventGrid(entra)),
  cloudevents: () => ({
    how: 'send container.image.push or CDEvents dev.cdevents.artifact.published with Authorization: Bearer <the secret>, or signed as Standard Webhooks do',
    sample: (push, { secret, now }) => {
      const body = JSON.stringify({
        specversion: '1.0',
        id: crypto.randomUUID(),
        source: '/landfall/sample',
        type: 'container.image.push',
        time: new Date(now).toISOString(),
        data: push,
      });
      const delivery = { id: `msg_${crypto.randomUUID()}`, timestamp: Math.floor(now / 1000) };
      const headers = {
        ...signedHeaders({ ...delivery, body: Buffer.from(body) }, secret),
        'content-type': 'application/cloudevents+json',
      };
      return { headers, body };
    },
  }),
  distribution: () => ({
    how: 'add it under notifications.endpoints, with headers: { Authorization: [Bearer <the secret>] }',
    sample: (push, context) => ({
      headers: {
        authorization: `Bearer ${context.secret}`,
        'content-type': 'application/vnd.docker.distribution.events.v2+json',
      },
      body: JSON.stringify({ events: [registryEvent(push, context)] }),
    }),
  }),
  'docker-hub': () => ({
    how: "add it under the repository's Webhooks. The URL is the secret: Docker Hub signs nothing",
    sample: ({ repository, tag }, { now }) => ({
      headers: {},
      body: JSON.stringify({
        push_data: { pushed_at: Math.floor(now / 1000), pusher: 'landfall', tag },
        repository: { repo_name: repository },
      }),
    }),
  }),
  forgejo: () => forgejo,
  gar: ({ audience, serviceAccount }) => ({
    how: `gcloud pubsub subscriptions create landfall --topic=gcr --push-endpoint=<the URL> --push-auth-service-account=${serviceAccount} --push-auth-token-audience=${audience}`,
    sample:
      'its requests carry a token that Google signs for the service account; push an image, or publish to the topic gcr',
  }),
  generic: () => ({
    how: 'sign as Standard Webhooks do: webhook-id, webhook-timestamp, webhook-signature: v1,<base64 HMAC-SHA256>',
    sample: (push, { secret, now }) => {
      const body = JSON.stringify(push);
      const delivery = { id: `msg_${crypto.randomUUID()}`, timestamp: Math.floor(now / 1000) };
      return { headers: signedHeaders({ ...delivery, body: Buffer.from(body) }, secret), body };
    },
  }),
  ghcr: () => ghcr,
  gitea: () => gitea,
  harbor: () => ({
    how: 'in the project: Webhooks, event "Artifact pushed", either payload format, Auth Header: <the secret>',
    sample: ({ repository, tag, digest }, { secret, registry, now }) => ({
      headers: { authorization: secret },
      body: JSON.stringify({
        type: 'PUSH_ARTIFACT',
        occur_at: Math.floor(now / 1000),
        operator: 'landfall',
        event_data: {
          resources: [{ digest, tag, resource_url: `${registry}/${repository}:${tag}` }],
          repository: { repo_full_name: repository },
        },
      }),
    }),
  }),
  jfrog,
  nexus: () => ({
    how: 'Capabilities, Create: "Webhook: Repository" for the Docker repository, event component; Secret Key: <the secret>',
    sample: ({ repository, tag }, { secret, now }) => {
      const body = JSON.stringify({
        timestamp: new Date(now).toISOString(),
        repositoryName: 'landfall-sample',
        action: 'CREATED',
        component: { format: 'docker', name: repository, version: tag },
      });
      const headers = {
        'x-nexus-webhook-id': 'rm:repository:component',
        'x-nexus-webhook-signature': createHmac('sha1', secret).update(body).digest('hex'),
      };
      return { headers, body };
    },
  }),
  oidc: ({ audience, issuer }) => ({
    how: `after the push: get a token of ${issuer} for the audience ${audience}, and POST {"repository":"…","tag":"…"} with Authorization: Bearer <the token>`,
    sample: 'its requests carry a token that the issuer signs; call the URL from a job that has one',
  }),
  quay: () => ({
    how: 'in the repository: Settings, Create Notification, Push to Repository, Webhook POST. The URL is the secret: Quay signs nothing',
    sample: ({ repository, tag }, { registry }) => ({
      headers: {},
      body: JSON.stringify({
        repository,
        namespace: repository.split('/', 1)[0],
        name: repository.slice(repository.indexOf('/') + 1),
        docker_url: `${registry}/${repository}`,
        updated_tags: [tag],
      }),
    }),
  }),
  zot: () => ({
    how: 'in its configuration: extensions.events.sinks: [{ "type": "http", "address": <the URL>, "credentials": { "token": <the secret> } }]',
    sample: ({ repository, tag, digest }, { secret, now }) => ({
      headers: {
        authorization: `Bearer ${secret}`,
        'ce-specversion': '1.0',
        'ce-id': crypto.randomUUID(),
        'ce-source': 'zotregistry.dev',
        'ce-type': 'zotregistry.image.updated',
        'ce-time': new Date(now).toISOString(),
      },
      body: JSON.stringify({ name: repository, reference: tag, digest, mediaType: OCI_MANIFEST }),
    }),
  }),
};

const senderFor = <T extends ReceiverType>(type: T, entry: ReceiverBinding<T>): Sender =>
  SENDERS[type](entry);

export const senderOf = (entry: ReceiverBinding): Sender => senderFor(entry.type, entry);
