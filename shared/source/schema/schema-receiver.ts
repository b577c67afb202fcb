import * as z from 'zod';
import { secret } from '../../credentials/secret-schema.ts';
import {
  ADDRESS_CHARACTERS,
  AUDIENCE_CHARACTERS,
  RECEIVER_HOSTS,
  RECEIVER_REPOSITORIES,
} from '../../limits.ts';
import { PLAIN_RECEIVER_TYPES } from '../receiver-entry.ts';
import { claims, issuer } from './schema-claims.ts';
import { glob, name, registry, repositoryPrefix, repositoryPrefixOrNone, wanted } from './schema-fields.ts';

/** What every type has. */
const bound = {
  name,
  registry,
  hosts: z
    .array(registry)
    .min(1)
    .max(RECEIVER_HOSTS)
    .exactOptional()
    .meta({ description: 'Other names of the same registry in the urls of sources' }),
  repositories: z
    .array(glob)
    .min(1)
    .max(RECEIVER_REPOSITORIES)
    .exactOptional()
    .meta({ description: 'Globs; absent: every repository of the registry' }),
  aliases: z.record(repositoryPrefix, repositoryPrefixOrNone).exactOptional().meta({
    description:
      'The first components of a repository as the sender says them, and as sources do; "" drops them',
  }),
  secret,
};

const plain = z.strictObject({ ...bound, type: z.enum(PLAIN_RECEIVER_TYPES) });

const audience = z
  .string()
  .min(1)
  .max(AUDIENCE_CHARACTERS)
  .meta({ description: 'What the `aud` of tokens has to be: the sender is told to ask for it' });

const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, wanted('a UUID in lower case, as Azure shows it'));

const eventGrid = z.strictObject({
  ...bound,
  type: z.literal('acr-event-grid'),
  entra: z
    .strictObject({
      tenant: uuid.meta({ description: 'ID of the tenant, which its tokens are of' }),
      audience,
      application: uuid
        .exactOptional()
        .meta({ description: 'ID of the application that tokens are made for; absent: Event Grid itself' }),
    })
    .exactOptional()
    .meta({ description: 'Tokens of Microsoft Entra in place of the header with the secret' }),
});

const gar = z.strictObject({
  ...bound,
  type: z.literal('gar'),
  audience,
  serviceAccount: z
    .string()
    .regex(/^[^@\s]+@[^@\s]+$/, wanted('the e-mail address of a service account'))
    .max(ADDRESS_CHARACTERS)
    .meta({ description: 'E-mail address of the service account that the subscription pushes as' }),
});

const jfrog = z.strictObject({
  ...bound,
  type: z.literal('jfrog'),
  signed: z
    .boolean()
    .exactOptional()
    .meta({ description: 'As "Use secret for payload signing" is set there' }),
});

const oidc = z.strictObject({
  ...bound,
  type: z.literal('oidc'),
  issuer: issuer.meta({ description: 'Its https URL, as its discovery document has it' }),
  audience,
  claims: claims.meta({
    description: 'Globs that claims of a token must match; at least one that not everybody’s token matches',
  }),
  local: z
    .boolean()
    .exactOptional()
    .meta({ description: 'The issuer is in a network of your own: private addresses are connected to' }),
});

/** A webhook endpoint bound to one registry. A type that has options of its own is one more member. */
export const receiver = z.discriminatedUnion('type', [plain, eventGrid, gar, jfrog, oidc]);

export type ReceiverDocument = z.output<typeof receiver>;
