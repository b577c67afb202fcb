import * as z from 'zod/mini';

export const directorySettings = z.object({
  target: z
    .string()
    .check(z.minLength(1), z.maxLength(4096), z.meta({ description: 'The symbolic link to switch' })),
});

export type DirectorySettings = z.infer<typeof directorySettings>;

export const locateDirectory = (
  { target }: DirectorySettings,
  from: (path: string) => string,
): DirectorySettings => ({ target: from(target) });
