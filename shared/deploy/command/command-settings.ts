import * as z from 'zod/mini';
import { COMMAND_ARGUMENTS } from '../../limits.ts';

export const commandSettings = z.object({
  command: z
    .array(z.string())
    .check(
      z.minLength(1),
      z.maxLength(COMMAND_ARGUMENTS),
      z.meta({ description: 'Program and arguments, no shell' }),
    ),
});

export type CommandSettings = z.infer<typeof commandSettings>;
