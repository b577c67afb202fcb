import * as z from 'zod/mini';

const name = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,255}$/));

export const serviceSettings = z.object({
  cluster: name,
  service: name,
  /** Containers that get the revision; all others stay as they are. */
  containers: z.array(name).check(z.minLength(1)),
  /** Where the image is pulled from. Default: the source's own repository. */
  repository: z.optional(z.string().check(z.regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+$/))),
});

export type ServiceSettings = z.infer<typeof serviceSettings>;
