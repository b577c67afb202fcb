import { randomUUID } from 'node:crypto';
import type { Clock } from '../shared/clock.ts';
import { timestamp } from '../shared/clock.ts';
import type { ContentChange } from './endpoints/endpoint.ts';
import type { RegistryRequest } from './registry-request.ts';

/** @see https://distribution.github.io/distribution/about/notifications/ */
export const EVENTS_TYPE = 'application/vnd.docker.distribution.events.v2+json';

/** One event, in the shape Docker's registry sends. */
export interface Notification {
  readonly id: string;
  readonly timestamp: string;
  readonly action: ContentChange['action'];
  readonly target: Readonly<Record<string, string | number>>;
  readonly request: Readonly<Record<string, string>>;
  readonly actor: Readonly<Record<string, string>>;
  readonly source: Readonly<Record<string, string>>;
}

interface Deps {
  readonly clock: Clock;
  /** The registry's own URL and host. */
  readonly url: string;
  readonly host: string;
  readonly instance: string;
}

/** Where the content is; a deleted tag is nowhere. */
function urlOf({ repository, digest, mediaType }: ContentChange, url: string): string | undefined {
  if (digest === undefined) return undefined;
  const kind = mediaType === 'application/octet-stream' ? 'blobs' : 'manifests';
  return `${url}/v2/${repository}/${kind}/${digest}`;
}

export function toNotification(change: ContentChange, request: RegistryRequest, deps: Deps): Notification {
  const { action, repository, mediaType, digest, size, tag } = change;
  const url = urlOf(change, deps.url);
  return {
    id: randomUUID(),
    timestamp: timestamp(deps.clock),
    action,
    target: {
      ...(mediaType !== undefined && { mediaType }),
      ...(size !== undefined && { size, length: size }),
      ...(digest !== undefined && { digest }),
      repository,
      ...(url !== undefined && { url }),
      ...(tag !== undefined && { tag }),
    },
    // As Docker's registry: the Host header of whoever pushed, so a receiver must not believe it.
    request: {
      id: randomUUID(),
      host: request.headers.host ?? '',
      method: request.method,
      useragent: request.headers['user-agent'] ?? '',
    },
    actor: {},
    source: { addr: deps.host, instanceID: deps.instance },
  };
}
