import * as z from 'zod/mini';

export const commandSettings = z.object({
  command: z
    .array(z.string())
    .check(z.minLength(1), z.maxLength(256), z.meta({ description: 'Program and arguments, no shell' })),
});

export type CommandSettings = z.infer<typeof commandSettings>;
