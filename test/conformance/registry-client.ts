import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { credentialTests, requestTests, tokenTests } from './registry-authentication.ts';
import { contentTests, missingTests, referrersTests } from './registry-content.ts';
import { connectTo, type RegistryTraits, type RegistryUnderTest } from './registry-subject.ts';

/** Holds the registry client to one behaviour on one registry; the same tests for every registry there is. */
export function registryClientSuite(
  name: string,
  start: () => Promise<RegistryUnderTest>,
  traits: RegistryTraits,
): void {
  describe(`registry client on ${name}`, { skip: traits.skip ?? false }, () => {
    let registry: RegistryUnderTest | undefined;
    before(async () => {
      registry = await start();
    });
    after(() => registry?.close());
    const connect = connectTo(() => {
      assert.ok(registry, 'the registry has started');
      return registry;
    });
    contentTests(connect);
    missingTests(connect);
    referrersTests(connect, traits);
    requestTests(connect, traits);
    if (traits.auth !== 'anonymous') credentialTests(connect);
    if (traits.auth === 'bearer') tokenTests(connect);
  });
}
