import type { Stack } from 'aws-cdk-lib';
import { BINDINGS_VARIABLE } from '../../functions/lambda/secret-bindings.ts';
import type { CredentialEntry } from '../../shared/credentials/credential-entry.ts';
import { secretLocations } from '../../shared/credentials/entry-locations.ts';
import { isCloud } from '../../shared/credentials/secret.ts';
import type { SecretBinding } from '../../shared/credentials/secret-binding.ts';
import { parseTokenService } from '../../shared/credentials/token-service.ts';
import { LandfallError } from '../../shared/errors.ts';
import { parseRepository } from '../../shared/oci/reference.ts';
import type { Configuration } from '../../shared/source/source.ts';
import type { BoundSecret, Reach } from '../landfall-props.ts';
import { jsonVariable } from './json-variable.ts';

/** `registry` as sources have it: lower case, Docker Hub by its one name. @throws LandfallError CONFIG_INVALID */
function registryOf(text: string): string {
  try {
    // A slash would begin a repository.
    return parseRepository(`oci://${text.replaceAll('/', '//')}/any`).registry;
  } catch (cause) {
    const hint = 'Write ghcr.io, or registry.example:5000, without a scheme and a path.';
    throw new LandfallError('CONFIG_INVALID', `reach: ${JSON.stringify(text)} is no registry`, {
      cause,
      hint,
    });
  }
}

/** What stands in documents of the stack its author wants: a secret goes where they send it, and in the way they do. */
function bindingsOfStack({ credentials }: Configuration): readonly SecretBinding[] {
  const isOpen = ({ plainHttp, insecureSkipTlsVerify, tls }: CredentialEntry): boolean =>
    plainHttp === true || insecureSkipTlsVerify === true || tls?.ca !== undefined;
  return credentials.flatMap((entry) => {
    const places = secretLocations(entry).flatMap(([, place]) => (isCloud(place) ? [place] : []));
    if (places.length === 0) return [];
    const sameRegistry = credentials.filter(({ registry }) => registry === entry.registry);
    const services = sameRegistry.flatMap(({ tokenService }) => parseTokenService(tokenService ?? '') ?? []);
    return [
      {
        secretsManager: places.flatMap((place) => ('secretsManager' in place ? [place.secretsManager] : [])),
        ssm: places.flatMap((place) => ('ssm' in place ? [place.ssm] : [])),
        registries: [entry.registry],
        ...(services.length > 0 && { tokenServices: services }),
        ...(sameRegistry.some(isOpen) && { insecure: true }),
      },
    ];
  });
}

const bound = (
  { secret, registries, namespaces, tokenServices, insecure }: BoundSecret,
  service: 'secretsManager' | 'ssm',
): SecretBinding => ({
  [service]: [secret],
  registries: registries.map(registryOf),
  ...(namespaces !== undefined && { namespaces }),
  ...(tokenServices !== undefined && {
    tokenServices: tokenServices.flatMap((text) => parseTokenService(text) ?? []),
  }),
  ...(insecure !== undefined && { insecure }),
});

const isBound = (given: BoundSecret | string): given is BoundSecret => typeof given !== 'string';

/** Those of one place in one entry, to keep the variable short. */
function merged(bindings: readonly SecretBinding[]): readonly SecretBinding[] {
  const byRest = new Map<string, { rest: object; secretsManager: string[]; ssm: string[] }>();
  for (const { secretsManager = [], ssm = [], ...rest } of bindings) {
    const key = JSON.stringify(rest);
    const known = byRest.get(key) ?? { rest, secretsManager: [], ssm: [] };
    known.secretsManager.push(...secretsManager.filter((name) => !known.secretsManager.includes(name)));
    known.ssm.push(...ssm.filter((name) => !known.ssm.includes(name)));
    byRest.set(key, known);
  }
  return [...byRest.values()].map(({ rest, secretsManager, ssm }) => ({
    ...(rest as Pick<SecretBinding, 'registries'>),
    ...(secretsManager.length > 0 && { secretsManager }),
    ...(ssm.length > 0 && { ssm }),
  }));
}

/**
 * What reconcile is told of where secrets may go: what the documents of the stack say, and `reach`.
 * @throws LandfallError CONFIG_INVALID where it is more than a function can be told
 */
export function bindingsIn(
  stack: Stack,
  configuration: Configuration,
  { secrets = [], parameters = [] }: Reach,
): Readonly<Record<string, string>> {
  const bindings = merged([
    ...bindingsOfStack(configuration),
    ...secrets.filter(isBound).map((each) => bound(each, 'secretsManager')),
    ...parameters.filter(isBound).map((each) => bound(each, 'ssm')),
  ]);
  return jsonVariable(stack, [BINDINGS_VARIABLE, bindings], {
    what: 'secrets and their registries',
    hint: "Name secrets of one registry alike, and bind them once under reach: { secret: 'landfall/ghcr/*' }.",
  });
}
