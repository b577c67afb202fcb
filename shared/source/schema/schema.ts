import * as z from 'zod';
import { credential } from './schema-credential.ts';
import { deploy } from './schema-deploy.ts';
import { notify } from './schema-notify.ts';
import { receiver } from './schema-receiver.ts';
import { onRefused, source } from './schema-source.ts';

/** The source document: the one truth about what users write. Its JSON Schema is docs/schema/landfall.schema.json. */
export const documentSchema = z.strictObject({
  sources: z.array(source).default([]).meta({ description: 'What is watched' }),
  credentials: z.array(credential).default([]).meta({ description: 'How registries are reached' }),
  receivers: z.array(receiver).default([]).meta({ description: 'Webhook endpoints' }),
  deploys: z.array(deploy).default([]).meta({ description: 'Consumers on one machine' }),
  notify: z.array(notify).default([]).meta({ description: 'Who is told of what' }),
  onRefused: onRefused
    .default('stall')
    .meta({ description: 'For the sources of this document that do not say it themselves' }),
});
