import type { TestContext } from 'node:test';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import { OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import type { Repository } from '../../../shared/oci/reference.ts';
import type { RegistryClient } from '../../../shared/registry/create-client.ts';
import { endedCallsSuite } from '../../conformance/ended-calls.ts';
import { MANIFEST, MANIFEST_DIGEST, startClient, startScripted } from '../scripted-registry.ts';

const DESCRIPTOR = { mediaType: OCI_MANIFEST, digest: MANIFEST_DIGEST, size: MANIFEST.length };

type Method = Exclude<keyof RegistryClient, 'close'>;
type Call = (client: RegistryClient, to: Repository, options: CallOptions) => Promise<unknown>;

const CALLS: Readonly<Record<Method, Call>> = {
  peek: (client, to, options) => client.peek(to, 'v1', options),
  manifest: (client, to, options) => client.manifest(to, 'v1', options),
  blob: (client, to, options) => client.blob(to, DESCRIPTOR, options),
  tags: (client, to, options) => client.tags(to, options),
  referrers: (client, to, options) => client.referrers(to, MANIFEST_DIGEST, options),
  hasBlob: (client, to, options) => client.hasBlob(to, MANIFEST_DIGEST, options),
  pushBlob: (client, to, options) => client.pushBlob(to, DESCRIPTOR, MANIFEST, options),
  pushManifest: (client, to, options) => client.pushManifest(to, 'v1', OCI_MANIFEST, MANIFEST, options),
  logIn: (client, { registry }, options) => client.logIn(registry, options),
};

interface Asked {
  readonly client: RegistryClient;
  readonly to: Repository;
}

/** One that takes every request and answers none. */
async function open(t: TestContext): Promise<{ readonly port: Asked }> {
  const { repository: to } = await startScripted(t, () => undefined);
  return { port: { client: startClient(t, { attempts: 1 }), to } };
}

endedCallsSuite('a registry that does not answer', {
  open,
  calls: Object.fromEntries(
    Object.entries(CALLS).map(([name, call]) => [
      name,
      ({ client, to }: Asked, options: CallOptions) => call(client, to, options),
    ]),
  ),
  waiting: Object.keys(CALLS),
});
