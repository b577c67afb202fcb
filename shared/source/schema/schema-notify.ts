import * as z from 'zod';
import {
  NOTIFY_DEPLOYS,
  NOTIFY_EXPRESSIONS,
  NOTIFY_METADATA_CHARACTERS,
  NOTIFY_SOURCES,
} from '../../limits.ts';
import { SEVERITIES } from '../../notify/notification.ts';
import { TOLD_TYPES } from '../../notify/notify-entry.ts';
import { PROVIDER_TYPES, type ProviderType } from '../../notify/providers/provider-types.ts';
import { compilePattern } from '../../resolve/tag-filter.ts';
import { glob, name, quiet, textFor } from './schema-fields.ts';

const expression = textFor((text) => compilePattern(text));
const metadataKey = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/);

/** What every provider has. */
const common = {
  name,
  sources: z
    .array(glob)
    .min(1)
    .max(NOTIFY_SOURCES)
    .default(['**'])
    .meta({ description: 'Globs over namespace/name; default: all' }),
  namespace: name.exactOptional().meta({ description: 'Only of this namespace: short for a glob' }),
  deploys: z
    .array(glob)
    .min(1)
    .max(NOTIFY_DEPLOYS)
    .exactOptional()
    .meta({ description: 'Globs over names of deploys: told of these, and not of sources' }),
  events: z.array(z.enum(TOLD_TYPES)).min(1).exactOptional().meta({
    description: 'Default: failures, their ends, deploys, approvals that wait, what was left suspended',
  }),
  severity: z.enum(SEVERITIES).default('info').meta({ description: 'The least that is told' }),
  quiet: quiet.default('5m').meta({
    description:
      'How long the same is not said again of one source or deploy: what comes then is one message; 0s: not at all',
  }),
  include: z
    .array(expression)
    .min(1)
    .max(NOTIFY_EXPRESSIONS)
    .exactOptional()
    .meta({ description: 'RE2 over title and text' }),
  exclude: z
    .array(expression)
    .min(1)
    .max(NOTIFY_EXPRESSIONS)
    .exactOptional()
    .meta({ description: 'RE2 over title and text' }),
  metadata: z
    .record(metadataKey, z.string().min(1).max(NOTIFY_METADATA_CHARACTERS))
    .exactOptional()
    .meta({ description: 'Added to what is told' }),
  suspend: z.boolean().default(false),
};

const memberOf = ({ type, settings }: ProviderType) =>
  z.strictObject({ ...common, type: z.literal(type), ...settings.shape });

type NotifyMember = ReturnType<typeof memberOf>;

/** Who is told of what. A provider is one member. */
export const notify = z.discriminatedUnion(
  'type',
  PROVIDER_TYPES.map(memberOf) as unknown as readonly [NotifyMember, ...NotifyMember[]],
);

type CommonNotify = z.output<z.ZodObject<typeof common>>;
export type NotifyDocument = CommonNotify & { readonly type: string } & Readonly<Record<string, unknown>>;
