import { LandfallError } from '../errors.ts';
import { BoundedMap } from '../kernel/bounded-map.ts';
import { DOCKER_HUB, formatRepository, type Repository } from '../oci/reference.ts';
import type { Access, AccessResolver, Credential, Transport } from './client.ts';
import { HeadHabit } from './head-habit.ts';
import { transportKey } from './http/agents.ts';
import { within } from './http/flight.ts';

/** What a registry has been found to want before it answers. */
export type AuthScheme =
  | { readonly scheme: 'unknown' }
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | undefined };

/** A registry as one credential sees it: where it is, how it is reached, and what has been learnt of it. */
export interface Endpoint {
  /** As users write it. */
  readonly registry: string;
  readonly origin: string;
  readonly hostname: string;
  readonly secure: boolean;
  readonly transport: Transport;
  readonly credential: Credential;
  /** What the credential is and where it was found first, for messages. */
  readonly given: string | undefined;
  /** Logins that could not be read, for messages. */
  readonly passedOver?: readonly string[];
  /** Unlike any other endpoint's: tokens are kept under it. */
  readonly key: string;
  /** Learnt from the first 401, so that later requests carry authorization from the start. */
  auth: AuthScheme;
  /** /v2/ was asked for a challenge. */
  pinged: boolean;
  /** By our own scope, what its challenges had us ask for besides. */
  readonly scopes: BoundedMap<string, readonly string[]>;
  /** Whether it answers HEAD. */
  readonly head: HeadHabit;
}

/** Docker Hub is written docker.io and served elsewhere. */
const CONNECT_HOSTS: Readonly<Record<string, string>> = { [DOCKER_HUB]: 'registry-1.docker.io' };

/** Repositories of one registry that want more than our own scope. */
const MAX_SCOPES = 1000;

function createEndpoint(registry: string, access: Access, key: string): Endpoint {
  const { credential, given, passedOver, transport } = access;
  const host = CONNECT_HOSTS[registry] ?? registry;
  const text = `${transport.plainHttp ? 'http' : 'https'}://${host}`;
  if (!URL.canParse(text)) {
    throw new LandfallError('REFERENCE_INVALID', `${JSON.stringify(registry)} is not a registry host`);
  }
  const { origin, hostname, protocol } = new URL(text);
  const secure = protocol === 'https:';
  return {
    registry,
    origin,
    hostname,
    secure,
    transport,
    credential,
    given,
    ...(passedOver && { passedOver }),
    key,
    auth: { scheme: 'unknown' },
    pinged: false,
    scopes: new BoundedMap(MAX_SCOPES),
    head: new HeadHabit(),
  };
}

/** Registries times credentials: a rotating password makes a new one every time. */
const MAX_ENDPOINTS = 1000;

/** Looks up how a repository is reached. Equal access gives the same endpoint, with what it has learnt. */
export type EndpointOf = (repository: Repository, signal: AbortSignal | undefined) => Promise<Endpoint>;

export function createEndpoints(resolver: AccessResolver): EndpointOf {
  const byKey = new BoundedMap<string, Endpoint>(MAX_ENDPOINTS);
  // Most resolvers return the same object again; then nothing is compared.
  const byAccess = new WeakMap<Access, Endpoint>();
  return async (repository, signal) => {
    const { registry } = repository;
    const what = `credentials of ${formatRepository(repository)}`;
    const access = await within(resolver.access(repository), signal, what);
    const recent = byAccess.get(access);
    if (recent?.registry === registry) return recent;
    const key = JSON.stringify([
      registry,
      access.transport.plainHttp,
      transportKey(access.transport),
      access.transport.concurrency,
      access.transport.requestsPerMinute,
      access.transport.tokenService,
      access.credential,
      access.passedOver,
    ]);
    const endpoint = byKey.get(key) ?? createEndpoint(registry, access, key);
    byKey.set(key, endpoint);
    byAccess.set(access, endpoint);
    return endpoint;
  };
}
