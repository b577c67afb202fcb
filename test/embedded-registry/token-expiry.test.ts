import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { type Credential, DEFAULT_TRANSPORT } from '../../shared/registry/client.ts';
import { createRegistryClient } from '../../shared/registry/create-client.ts';
import { openRegistry, plant } from './test-registry.ts';

const CREDENTIAL: Credential = { kind: 'basic', username: 'user', password: 'pass' };

for (const [expired, status] of [
  ['challenge', 401],
  ['ecr-public', 400],
] as const) {
  test(`the client renews a token that ended early, told by ${status} as ${expired}`, async (t) => {
    const auth = { kind: 'bearer', users: { user: 'pass' }, expiresInSeconds: 300, expired } as const;
    const registry = await openRegistry(t, { auth });
    const { digest } = plant(registry, 'a/b', 'v1').manifest.descriptor;
    const transport = { ...DEFAULT_TRANSPORT, plainHttp: true };
    const client = createRegistryClient({
      access: { access: async () => ({ credential: CREDENTIAL, transport }) },
      clock: systemClock,
      limits: DEFAULT_LIMITS,
    });
    t.after(() => client.close());
    const repository = { registry: registry.host, repository: 'a/b' };
    await client.manifest(repository, 'v1');
    registry.expireTokens();
    registry.requests.reset();
    assert.equal((await client.manifest(repository, 'v1')).digest, digest);
    const told = registry.requests.entries.map((entry) => [entry.path, entry.status]);
    assert.deepEqual(told, [
      ['/v2/a/b/manifests/v1', status],
      ['/token', 200],
      ['/v2/a/b/manifests/v1', 200],
    ]);
  });
}
