import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { type ErrorCode, isLandfallError } from '../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import type { Repository } from '../../shared/oci/reference.ts';
import type { Credential, Transport } from '../../shared/registry/client.ts';
import { createRegistryClient, type RegistryClient } from '../../shared/registry/create-client.ts';
import type { RequestFact } from '../../shared/registry/wire.ts';
import type { SampleImage } from '../support/artifacts/sample-manifests.ts';

/** A running registry the client is tried on. */
export interface RegistryUnderTest {
  readonly host: string;
  readonly transport: Transport;
  /** May pull and push everywhere. Left out: anonymous. */
  readonly credential?: Credential;
  close(): Promise<void>;
}

/** What tells registries apart. */
export interface RegistryTraits {
  readonly auth: 'anonymous' | 'basic' | 'bearer';
  /** False: the suite keeps the fallback tag, as a client has to. */
  readonly referrersApi: boolean;
  /** Why not to run, or false. */
  readonly skip?: string | false;
}

export interface Subject {
  readonly client: RegistryClient;
  /** A repository of this test alone. */
  readonly repository: Repository;
  /** Every request since the last `facts.length = 0`. */
  readonly facts: RequestFact[];
  /** Moves the client's clock on. */
  readonly advance: (milliseconds: number) => void;
}

export type Connect = (t: TestContext, credential?: Credential) => Subject;

/** Pushes with the client, what the manifest needs first. */
export async function push(image: SampleImage, tag: string, { client, repository }: Subject): Promise<void> {
  for (const { descriptor, bytes } of image.blobs) await client.pushBlob(repository, descriptor, bytes);
  for (const { descriptor, bytes } of image.children) {
    await client.pushManifest(repository, descriptor.digest, descriptor.mediaType, bytes);
  }
  const { descriptor, bytes } = image.manifest;
  await client.pushManifest(repository, tag, descriptor.mediaType, bytes);
}

/** For assert.rejects: one of these codes. */
export function refusal(...codes: readonly ErrorCode[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isLandfallError(error), `not a LandfallError: ${String(error)}`);
    assert.ok(codes.includes(error.code), `${error.code}, not ${codes.join(' or ')}: ${error.message}`);
    return true;
  };
}

/** Makes clients of the registry, for each test a repository. */
export function connectTo(registry: () => RegistryUnderTest): Connect {
  const names = new Map<string, string>();
  const repositoryOf = (test: string): string => {
    const name = names.get(test) ?? `suite/repository-${names.size}`;
    names.set(test, name);
    return name;
  };
  return (t, given) => {
    const { host, transport, credential = { kind: 'anonymous' } } = registry();
    const facts: RequestFact[] = [];
    let ahead = 0;
    const clock: Clock = { now: () => systemClock.now() + ahead, sleep: systemClock.sleep };
    const client = createRegistryClient({
      access: { access: async () => ({ credential: given ?? credential, transport }) },
      clock,
      limits: DEFAULT_LIMITS,
      retry: { attempts: 2, baseMs: 1 },
      onRequest: (fact) => facts.push(fact),
    });
    t.after(() => client.close());
    const repository = { registry: host, repository: repositoryOf(t.name) };
    const advance = (milliseconds: number): void => {
      ahead += milliseconds;
    };
    return { client, repository, facts, advance };
  };
}
