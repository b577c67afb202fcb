import * as z from 'zod';
import { glob, name } from './schema-fields.ts';
import { verify } from './schema-verify.ts';

const globs = z.array(glob).min(1).exactOptional();

/** What an operator wants of all sources, or of some, whatever their documents say. */
export const policiesSchema = z.strictObject({
  policies: z
    .array(
      z.strictObject({
        name: name.meta({ description: 'For messages' }),
        sources: globs.meta({ description: 'Globs over namespace/name; absent: all' }),
        repositories: globs.meta({ description: 'Globs over registry/repository; absent: all' }),
        verify: verify.meta({ description: 'Who has to have signed what lands, beside what a source wants' }),
      }),
    )
    .min(1),
});
