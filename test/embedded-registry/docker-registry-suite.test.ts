import type { Credential } from '../../shared/registry/client.ts';
import { DEFAULT_TRANSPORT } from '../../shared/registry/client.ts';
import { registryClientSuite } from '../conformance/registry-client.ts';
import type { RegistryUnderTest } from '../conformance/registry-subject.ts';
import {
  type DockerAuth,
  skipWithoutDockerRegistry,
  startDockerRegistry,
} from '../support/servers/docker-registry.ts';

const USER: Credential = { kind: 'basic', username: 'landfall', password: 'correct horse' };
const users = { landfall: 'correct horse' };

async function start(auth: DockerAuth, credential?: Credential): Promise<RegistryUnderTest> {
  const { host, close } = await startDockerRegistry({ auth });
  const transport = { ...DEFAULT_TRANSPORT, plainHttp: true };
  return { host, transport, close, ...(credential && { credential }) };
}

registryClientSuite("Docker's registry, open", () => start({ kind: 'open' }), {
  auth: 'anonymous',
  referrersApi: false,
  skip: skipWithoutDockerRegistry("the registry client on Docker's registry"),
});

registryClientSuite("Docker's registry, htpasswd", () => start({ kind: 'htpasswd', users }, USER), {
  auth: 'basic',
  referrersApi: false,
  skip: skipWithoutDockerRegistry("Basic authentication on Docker's registry", 'htpasswd'),
});

registryClientSuite("Docker's registry, token", () => start({ kind: 'token', users }, USER), {
  auth: 'bearer',
  referrersApi: false,
  skip: skipWithoutDockerRegistry("Bearer authentication on Docker's registry", 'token'),
});
