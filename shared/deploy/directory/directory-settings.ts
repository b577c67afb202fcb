import * as z from 'zod/mini';
import { FILE_PATH_CHARACTERS } from '../../limits.ts';

export const directorySettings = z.object({
  target: z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(FILE_PATH_CHARACTERS),
      z.meta({ description: 'The symbolic link to switch' }),
    ),
});

export type DirectorySettings = z.infer<typeof directorySettings>;

export const locateDirectory = (
  { target }: DirectorySettings,
  from: (path: string) => string,
): DirectorySettings => ({ target: from(target) });
