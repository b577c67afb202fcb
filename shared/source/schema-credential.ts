import { z } from 'zod';
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
  })
  .check(refusedWhen(conflictIn));
