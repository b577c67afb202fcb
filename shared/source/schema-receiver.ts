import * as z from 'zod';
import { PLAIN_RECEIVER_TYPES } from './receiver-entry.ts';
import { glob, name, registry, repositoryPrefix, secret } from './schema-fields.ts';

/** What every type has. */
const bound = {
  name,
  registry,
  hosts: z
    .array(registry)
    .min(1)
    .max(10)
    .exactOptional()
    .meta({ description: 'Other names of the same registry in the urls of sources' }),
  repositories: z
    .array(glob)
    .min(1)
    .max(100)
    .exactOptional()
    .meta({ description: 'Globs; absent: every repository of the registry' }),
  aliases: z
    .record(repositoryPrefix, z.union([repositoryPrefix, z.literal('')]))
    .exactOptional()
    .meta({
      description:
        'The first components of a repository as the sender says them, and as sources do; "" drops them',
    }),
  secret,
};

const plain = z.strictObject({ ...bound, type: z.enum(PLAIN_RECEIVER_TYPES) });

/** A webhook endpoint bound to one registry. A type that has options of its own is one more member. */
export const receiver = z.discriminatedUnion('type', [plain]);

export type ReceiverDocument = z.output<typeof receiver>;
