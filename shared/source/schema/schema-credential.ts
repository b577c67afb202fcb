import * as z from 'zod';
import { isAzureHost, isGoogleHost } from '../../credentials/cloud/cloud-host.ts';
import { conflictIn } from '../../credentials/entry-conflict.ts';
import { filePath, pathOrSecret, secret, secretOrText } from '../../credentials/secret-schema.ts';
import { parseTokenService } from '../../credentials/token-service.ts';
import { REGISTRY_CONCURRENCY_MAX, REGISTRY_REQUESTS_PER_MINUTE_MAX } from '../../limits.ts';
import { glob, type Refusal, refusedWhen, registry } from './schema-fields.ts';

/** A host does not know our repositories apart. */
const PACE = ['concurrency', 'requestsPerMinute'] as const;

/** What contradicts itself, in the words of a document. */
function refuse(entry: Readonly<Record<string, unknown>>): Refusal | undefined {
  const conflict = conflictIn(entry);
  if (conflict !== undefined) return { message: conflict };
  const elsewhere = misplaced(entry);
  if (elsewhere !== undefined) return elsewhere;
  const pace = PACE.find((key) => entry[key] !== undefined);
  if (pace !== undefined && entry['repository'] !== undefined) {
    return { message: `${pace} is of the whole registry; put it into an entry without repository` };
  }
  if (entry['local'] === false && entry['plainHttp'] === true) {
    return { message: 'plainHttp says that the registry is your own, which contradicts local: false' };
  }
  return undefined;
}

const role = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, {
  error: 'wanted the ARN of a role: arn:aws:iam::123456789012:role/NAME',
});

const PROVIDER = 'projects/123456789/locations/global/workloadIdentityPools/POOL/providers/PROVIDER';
const provider = z
  .string()
  .regex(
    /^projects\/[0-9]{1,20}\/locations\/global\/workloadIdentityPools\/[a-z0-9-]{4,32}\/providers\/[a-z0-9-]{4,32}$/,
    {
      error: `wanted the name of a provider: ${PROVIDER}`,
    },
  );
const serviceAccount = z.string().regex(/^[a-z0-9-]{1,63}@[a-z0-9.-]{1,190}\.gserviceaccount\.com$/, {
  error: 'wanted the e-mail of a service account: NAME@PROJECT.iam.gserviceaccount.com',
});
const google = z.union(
  [
    z.strictObject({ serviceAccountKey: secret.meta({ description: 'Where its JSON key is' }) }),
    z.strictObject({ workloadIdentity: provider, serviceAccount: serviceAccount.exactOptional() }),
  ],
  { error: `wanted { serviceAccountKey: … } or { workloadIdentity: ${PROVIDER} }` },
);

const tokenService = z
  .string()
  .check(
    refusedWhen((text) =>
      parseTokenService(text) === undefined
        ? { message: 'wanted the URL of a token service: https://auth.example.com' }
        : undefined,
    ),
  );

const uuid = z.string().regex(/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, {
  error: 'wanted an id: 8-4-4-4-12 hexadecimal digits',
});
const azure = z
  .strictObject({
    tenant: uuid,
    client: uuid.meta({ description: 'Id of the application' }),
    clientSecret: secret.exactOptional(),
    federatedToken: secret
      .exactOptional()
      .meta({ description: 'Where a JWT is that the application trusts' }),
  })
  .check(
    refusedWhen(({ clientSecret, federatedToken }) =>
      clientSecret !== undefined && federatedToken !== undefined
        ? { message: 'clientSecret and federatedToken are alternatives; keep one' }
        : undefined,
    ),
  );

/** A token of a cloud goes to registries of that cloud. */
function misplaced({
  registry,
  google: byGoogle,
  azure: byAzure,
}: Readonly<Record<string, unknown>>): Refusal | undefined {
  if (typeof registry !== 'string') return undefined;
  const host = registry.toLowerCase();
  if (byGoogle !== undefined && !isGoogleHost(host)) {
    return { message: `google is for *-docker.pkg.dev and gcr.io, not for ${host}` };
  }
  return byAzure !== undefined && !isAzureHost(host)
    ? { message: `azure is for *.azurecr.io, not for ${host}` }
    : undefined;
}

/** How the repositories it matches are reached. The most specific entry wins; transport settings merge. */
export const credential = z
  .strictObject({
    registry: registry.meta({ description: 'Host with its port, as in the url of the source' }),
    repository: glob
      .exactOptional()
      .meta({ description: 'Glob: * within a component, ** across; absent: every repository' }),
    username: secretOrText.exactOptional(),
    password: secret.exactOptional(),
    identityToken: secret.exactOptional(),
    registryToken: secret.exactOptional(),
    dockerConfig: pathOrSecret
      .exactOptional()
      .meta({ description: "A docker config.json or podman's auth.json" }),
    kubernetesSecret: pathOrSecret
      .exactOptional()
      .meta({ description: 'The manifest of a Secret of type kubernetes.io/dockerconfigjson' }),
    google: google.exactOptional().meta({ description: 'A token of Google for *-docker.pkg.dev and gcr.io' }),
    azure: azure.exactOptional().meta({ description: 'A token of Entra for *.azurecr.io' }),
    role: role.exactOptional().meta({ description: 'ARN of a role to assume for a private ECR registry' }),
    plainHttp: z.boolean().exactOptional(),
    insecureSkipTlsVerify: z.boolean().exactOptional(),
    local: z.boolean().exactOptional().meta({ description: 'May be on a loopback or private address' }),
    caFile: filePath.exactOptional().meta({ description: "PEM; replaces the system's authorities" }),
    certFile: filePath.exactOptional(),
    keyFile: filePath.exactOptional(),
    tokenService: tokenService
      .exactOptional()
      .meta({ description: 'https://HOST of a token service that may be sent the credential' }),
    concurrency: z
      .int()
      .min(1)
      .max(REGISTRY_CONCURRENCY_MAX)
      .exactOptional()
      .meta({ description: 'Requests to the registry at the same time' }),
    requestsPerMinute: z
      .int()
      .min(1)
      .max(REGISTRY_REQUESTS_PER_MINUTE_MAX)
      .exactOptional()
      .meta({ description: 'Requests to the registry in a minute' }),
  })
  .check(refusedWhen(refuse));
