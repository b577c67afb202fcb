import * as z from 'zod';
import { conflictIn } from '../credentials/entry-conflict.ts';
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

/** A host does not know our repositories apart. */
const PACE = ['concurrency', 'requestsPerMinute'] as const;

/** What contradicts itself, in the words of a document. */
function refuse(entry: Readonly<Record<string, unknown>>): Refusal | undefined {
  const conflict = conflictIn(entry);
  if (conflict !== undefined) return { message: conflict };
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
  .check(refusedWhen(refuse));
