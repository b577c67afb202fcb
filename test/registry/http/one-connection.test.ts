import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Repository } from '../../../shared/oci/reference.ts';
import { MANIFEST_DIGEST, sendManifest, startClient, startScripted } from '../scripted-registry.ts';

type Ask = (client: ReturnType<typeof startClient>, repository: Repository) => Promise<unknown>;

const look: Ask = (client, repository) => client.peek(repository, 'v1');
const byTag: Ask = (client, repository) => client.manifest(repository, 'v1');
const byDigest: Ask = (client, repository) => client.manifest(repository, MANIFEST_DIGEST);
const turn: Ask = () => new Promise((resolve) => setImmediate(resolve));

for (const [what, asks, connections] of [
  ['two manifests', [byTag, byDigest], 1],
  // Some send a body after the head that is all they were asked for.
  ['a look and what it saw', [look, byDigest], 2],
  ['a look, and in a later turn two manifests', [look, turn, byTag, byDigest], 1],
] as const satisfies readonly (readonly [string, readonly Ask[], number])[])
  test(`connections of who asks for ${what}, one right after the other: ${connections}`, async (t) => {
    const registry = await startScripted(t, sendManifest);
    const client = startClient(t);
    for (const ask of asks) await ask(client, registry.repository);
    assert.equal(registry.connections(), connections);
  });
