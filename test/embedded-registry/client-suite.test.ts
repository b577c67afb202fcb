import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import type { EmbeddedRegistryOptions } from '../../embedded-registry/registry-options.ts';
import type { Credential } from '../../shared/registry/client.ts';
import { DEFAULT_TRANSPORT } from '../../shared/registry/client.ts';
import { registryClientSuite } from '../conformance/registry-client.ts';
import type { RegistryUnderTest } from '../conformance/registry-subject.ts';

const USER: Credential = { kind: 'basic', username: 'landfall', password: 'correct horse' };
const users = { landfall: 'correct horse' };

async function start(options: EmbeddedRegistryOptions, credential?: Credential): Promise<RegistryUnderTest> {
  const { host, close } = await startEmbeddedRegistry({ pageSize: 2, ...options });
  const transport = { ...DEFAULT_TRANSPORT, plainHttp: true };
  return { host, transport, close, ...(credential && { credential }) };
}

registryClientSuite('the embedded registry, anonymous', () => start({}), {
  auth: 'anonymous',
  referrersApi: true,
});

registryClientSuite('the embedded registry without referrers API', () => start({ referrers: false }), {
  auth: 'anonymous',
  referrersApi: false,
});

registryClientSuite('the embedded registry, basic', () => start({ auth: { kind: 'basic', users } }, USER), {
  auth: 'basic',
  referrersApi: true,
});

registryClientSuite(
  'the embedded registry, bearer',
  () => start({ auth: { kind: 'bearer', users, expiresInSeconds: 300 } }, USER),
  { auth: 'bearer', referrersApi: true },
);

registryClientSuite(
  'the embedded registry, bearer by identity token',
  () =>
    start(
      { auth: { kind: 'bearer', users, identityTokens: ['identity'], expiresInSeconds: 300 } },
      { kind: 'identity-token', token: 'identity' },
    ),
  { auth: 'bearer', referrersApi: true },
);
