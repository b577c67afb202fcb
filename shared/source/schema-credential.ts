import * as z from 'zod';
import { REGISTRY_CONCURRENCY_MAX, REGISTRY_REQUESTS_PER_MINUTE_MAX } from '../limits.ts';
import {
  filePath,
  glob,
  type Refusal,
  refusedWhen,
  registry,
  secret,
  secretOrText,
} from './schema-fields.ts';

const METHODS = ['password', 'identityToken', 'registryToken', 'dockerConfig', 'role'] as const;

/** A host does not know our repositories apart. */
const PACE = ['concurrency', 'requestsPerMinute'] as const;

type CredentialShape = Readonly<Record<string, unknown>>;

/** Says which halves are missing, and never guesses which of two secrets was meant. */
function conflictIn(entry: CredentialShape): Refusal | undefined {
  const has = (key: string): boolean => entry[key] !== undefined;
  const methods = METHODS.filter(has);
  if (methods.length > 1) return { message: `${methods.join(' and ')} are alternatives; keep one` };
  if (has('password') && !has('username')) return { message: 'password needs username' };
  if (has('username') && !has('password') && !has('identityToken')) {
    return { message: 'username needs password' };
  }
  if (has('certFile') !== has('keyFile')) {
    return { message: `${has('certFile') ? 'certFile needs keyFile' : 'keyFile needs certFile'}` };
  }
  const pace = PACE.find(has);
  if (pace !== undefined && has('repository')) {
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
    dockerConfig: filePath
      .exactOptional()
      .meta({ description: "A docker config.json or podman's auth.json" }),
    role: role.exactOptional().meta({ description: 'ARN of a role to assume for a private ECR registry' }),
    plainHttp: z.boolean().exactOptional(),
    insecureSkipTlsVerify: z.boolean().exactOptional(),
    local: z.boolean().exactOptional().meta({ description: 'May be on a loopback or private address' }),
    caFile: filePath.exactOptional().meta({ description: "PEM; replaces the system's authorities" }),
    certFile: filePath.exactOptional(),
    keyFile: filePath.exactOptional(),
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
  .check(refusedWhen(conflictIn));
