import { LandfallError } from '../errors.ts';
import type { RegistryCallOptions } from './client.ts';
import { type ExchangeDeps, exchange } from './exchange.ts';
import { discard } from './http/body.ts';

/**
 * Whether a registry takes the credential it is reached with, as docker asks it: `/v2/`, with a token of no repository. One
 * that answers everybody there asks for none, so that nothing is known of it.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#determining-support
 * @throws LandfallError UNAUTHORIZED, FORBIDDEN, REGISTRY_PROTOCOL where it is none, …
 */
export async function logIn(
  registry: string,
  options: RegistryCallOptions | undefined,
  deps: ExchangeDeps,
): Promise<'taken' | 'not asked'> {
  const what = `login to ${registry}`;
  const repository = { registry, repository: '' };
  await exchange(
    {
      method: 'GET',
      repository,
      path: '/v2/',
      access: 'login',
      subject: 'token',
      what,
      signal: options?.signal,
      follow: false,
    },
    {
      accept: ({ body, status }) => {
        discard(body);
        if (status !== 200)
          throw new LandfallError('REGISTRY_PROTOCOL', `${what}: answered ${status} where 200 was wanted`);
      },
    },
    deps,
  );
  const { auth } = await deps.endpointOf(repository, options?.signal);
  return auth.scheme === 'unknown' ? 'not asked' : 'taken';
}
