import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Repository } from '../../shared/oci/reference.ts';
import { MANIFEST_DIGEST, sendManifest, startClient, startScripted } from './scripted-registry.ts';

type Ask = (client: ReturnType<typeof startClient>, repository: Repository) => Promise<unknown>;

for (const [what, asks, connections] of [
  ['two manifests', [(c, r) => c.manifest(r, 'v1'), (c, r) => c.manifest(r, MANIFEST_DIGEST)], 1],
  // Some send a body after the head that is all they were asked for.
  ['a look and what it saw', [(c, r) => c.peek(r, 'v1'), (c, r) => c.manifest(r, MANIFEST_DIGEST)], 2],
] as const satisfies readonly (readonly [string, readonly Ask[], number])[])
  test(`connections of who asks for ${what}, one right after the other: ${connections}`, async (t) => {
    const registry = await startScripted(t, sendManifest);
    const client = startClient(t);
    for (const ask of asks) await ask(client, registry.repository);
    assert.deepEqual([registry.seen.length, registry.connections()], [asks.length, connections]);
  });
