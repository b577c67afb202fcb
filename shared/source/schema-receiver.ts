import { z } from 'zod';
import { glob, name, registry, secret } from './schema-fields.ts';

/** A webhook endpoint bound to one registry. */
export const receiver = z.strictObject({
  name,
  type: z.enum(['distribution', 'generic']),
  registry,
  repositories: z
    .array(glob)
    .min(1)
    .max(100)
    .exactOptional()
    .meta({ description: 'Globs; absent: every repository of the registry' }),
  secret,
});
