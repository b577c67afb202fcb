import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../../shared/clock.ts';
import { type ErrorCode, LandfallError } from '../../../shared/errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/limits.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import type { Credential } from '../../../shared/registry/client.ts';
import { createRegistryClient, type RegistryClient } from '../../../shared/registry/create-client.ts';
import { addressKind } from '../../../shared/registry/http/address.ts';
import { type Dns, lookupIn, recordDials } from '../http/recorded-dial.ts';
import { ALICE, MANIFEST, MANIFEST_DIGEST } from '../scripted-registry.ts';
import {
  type Act,
  type HostileServer,
  type Received,
  type Send,
  startHostile,
  startTrap,
} from './hostile-server.ts';

export const CONTENT = 'content';
export const BLOB = { mediaType: 'x/y', digest: digestOf(CONTENT), size: CONTENT.length };
const TOKEN = 'issued-token-0123';
export const IDENTITY: Credential = { kind: 'identity-token', token: 'identity-token-0123' };
export const OWN_TOKEN: Credential = { kind: 'registry-token', token: 'registry-token-0123' };
/** In every form in which they could be sent. */
const SECRETS = [
  'wonder:land',
  'wonder%3Aland',
  Buffer.from('alice:wonder:land').toString('base64'),
  TOKEN,
  'identity-token-0123',
  Buffer.from('<token>:identity-token-0123').toString('base64'),
  'registry-token-0123',
];

/** Where everything is: origins with their ports. */
export interface World {
  readonly registry: string;
  /** Beside the registry's host, where a token service may be. */
  readonly neighbour: string;
  /** Somebody else's, on a public address. */
  readonly thief: string;
  /** `127.0.0.1:PORT` of a server without TLS that nobody may reach. */
  readonly trap: string;
}

export type Call = (client: RegistryClient, signal: AbortSignal | undefined) => Promise<unknown>;

/** One way for a registry to misbehave, and what comes of it. */
export interface Misbehaviour {
  readonly name: string;
  /** `fine`: the call succeeds all the same. */
  readonly code: ErrorCode | 'fine';
  /** Default: a manifest by its tag. */
  readonly call?: keyof typeof CALLS;
  /** What the registry does to an authorized request; undefined: what it should. */
  readonly act?: (world: World, received: Received, send: Send) => void;
  /** What it says to a request without authorization; default: Basic. */
  readonly challenge?: (world: World) => string;
  /** What its token service does. */
  readonly token?: (world: World, received: Received, send: Send) => void;
  /** What the thief does; default: answers as a registry would. */
  readonly thief?: (world: World, received: Received, send: Send) => void;
  /** Default: a user name and a password. */
  readonly credential?: Credential;
  readonly dns?: Dns;
  readonly limits?: Partial<Limits>;
  /** Milliseconds that the caller has; only where it is all that ends the call. */
  readonly patience?: number;
}

let repository = { registry: '', repository: 'team/app' };
const options = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

const CALLS = {
  manifest: (client, signal) => client.manifest(repository, 'v1', options(signal)),
  pinned: (client, signal) => client.manifest(repository, MANIFEST_DIGEST, options(signal)),
  peek: (client, signal) => client.peek(repository, 'v1', options(signal)),
  tags: (client, signal) => client.tags(repository, options(signal)),
  referrers: (client, signal) => client.referrers(repository, MANIFEST_DIGEST, options(signal)),
  blob: async (client, signal) => {
    const stream = await client.blob(repository, BLOB, options(signal));
    assert.equal(Buffer.concat(await stream.toArray()).toString(), CONTENT);
  },
  push: (client, signal) => client.pushBlob(repository, BLOB, Buffer.from(CONTENT), options(signal)),
  twice: async (client, signal) => {
    await client.peek(repository, 'v1', options(signal));
    return client.manifest(repository, 'v1', options(signal));
  },
} as const satisfies Record<string, Call>;

/** What a registry should do. */
export function behave({ method, path }: Received, send: Send): void {
  const head = method === 'HEAD';
  if (path.includes('/manifests/')) {
    const headers = {
      'content-type': OCI_MANIFEST,
      'content-length': String(MANIFEST.length),
      'docker-content-digest': MANIFEST_DIGEST,
    };
    send.answer(200, headers, head ? '' : MANIFEST);
  } else if (path.includes('/tags/list')) send.answer(200, {}, '{"tags":["v1"]}');
  else if (path.includes('/referrers/')) {
    const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] };
    send.answer(200, { 'content-type': OCI_INDEX }, JSON.stringify(index));
  } else if (path.endsWith('/blobs/uploads/')) send.answer(202, { location: `${path}1` });
  else if (method === 'PUT') send.answer(201);
  else send.answer(200, {}, CONTENT);
}

/** The registry: asks for authorization, gives tokens, and then does what the case says. */
const registryOf =
  (world: () => World, { act, challenge, token }: Misbehaviour): Act =>
  (received, send) => {
    if (received.path.startsWith('/token')) {
      if (token) token(world(), received, send);
      else send.answer(200, {}, JSON.stringify({ token: TOKEN }));
    } else if (received.headers['authorization'] === undefined) {
      send.answer(401, { 'www-authenticate': challenge?.(world()) ?? 'Basic realm="r"' });
    } else if (act) act(world(), received, send);
    else behave(received, send);
  };

const PUBLIC: Dns = {
  'registry.corp.example': () => ['93.184.216.34'],
  'auth.corp.example': () => ['93.184.216.35'],
  'thief.example': () => ['93.184.216.36', '2606:2800:220:1:248:1893:25c8:1946'],
};

interface Scene {
  readonly world: World;
  readonly servers: Readonly<Record<'registry' | 'neighbour' | 'thief', HostileServer>>;
  readonly trap: Pick<HostileServer, 'connections'>;
  readonly dialled: readonly string[];
}

async function openScene(t: TestContext, misbehaviour: Misbehaviour): Promise<Scene> {
  let world: World | undefined;
  const known = (): World => world ?? assert.fail('a request before the scene is set');
  const trap = await startTrap(t);
  const { thief: steal } = misbehaviour;
  const thief = await startHostile(t, steal ? (received, send) => steal(known(), received, send) : behave);
  const neighbour = await startHostile(t, (_, send) =>
    send.answer(200, {}, JSON.stringify({ token: TOKEN })),
  );
  const registry = await startHostile(t, registryOf(known, misbehaviour));
  world = {
    registry: `https://registry.corp.example:${registry.port}`,
    neighbour: `https://auth.corp.example:${neighbour.port}`,
    thief: `https://thief.example:${thief.port}`,
    trap: `127.0.0.1:${trap.port}`,
  };
  repository = { registry: `registry.corp.example:${registry.port}`, repository: 'team/app' };
  return { world, servers: { registry, neighbour, thief }, trap, dialled: recordDials(t, trap.port) };
}

function holdsSecret(text: string): boolean {
  return SECRETS.some((secret) => text.includes(secret));
}

/** No credential left its origin, no denied address was connected to, nothing was told. */
function assertSafe({ servers, trap, dialled }: Scene, thrown: LandfallError | undefined): void {
  const { thief, registry, neighbour } = servers;
  for (const { text } of thief.received) assert.ok(!holdsSecret(text), `leaked: ${text}`);
  for (const { headers } of [...thief.received, ...neighbour.received, ...registry.received]) {
    assert.equal(headers['cookie'], undefined, 'a cookie was kept');
  }
  assert.equal(trap.connections.length, 0, 'a denied address was connected to');
  for (const address of dialled) assert.equal(addressKind(address), 'public', `connected to ${address}`);
  if (thrown === undefined) return;
  const told = JSON.stringify([thrown.message, thrown.hint, thrown.detail]);
  assert.ok(!holdsSecret(told), `told: ${told}`);
  assert.ok(thrown.message.length < 1500, `a message of ${thrown.message.length} characters`);
}

async function outcomeOf(t: TestContext, misbehaviour: Misbehaviour): Promise<LandfallError | undefined> {
  const { call = 'manifest', credential = ALICE, dns, limits, patience } = misbehaviour;
  const client = createRegistryClient({
    access: {
      access: async () => ({
        credential,
        transport: { plainHttp: false, insecureSkipTlsVerify: true, local: false },
      }),
    },
    clock: systemClock,
    limits: { ...DEFAULT_LIMITS, ...limits },
    retry: { attempts: 2, baseMs: 0 },
    lookup: lookupIn({ ...PUBLIC, ...dns }),
  });
  t.after(() => client.close());
  try {
    await CALLS[call](client, patience === undefined ? undefined : AbortSignal.timeout(patience));
    return undefined;
  } catch (error) {
    assert.ok(error instanceof LandfallError, String(error));
    return error;
  }
}

/** Lets a registry misbehave in each way, and looks at what came of it and who got to know what. */
export function misbehaves(cases: readonly Misbehaviour[]): void {
  for (const misbehaviour of cases) {
    const { name, code } = misbehaviour;
    test(`${name}: ${code}`, async (t) => {
      const scene = await openScene(t, misbehaviour);
      const thrown = await outcomeOf(t, misbehaviour);
      assertSafe(scene, thrown);
      assert.equal(thrown?.code ?? 'fine', code, thrown?.message);
    });
  }
}
