import * as z from 'zod/mini';

const name = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,255}$/));

export const serviceSettings = z.object({
  cluster: name,
  service: name,
  /** Containers that get the revision; all others stay as they are. */
  containers: z.readonly(z.array(name).check(z.minLength(1))),
  /** Of its task definitions, for the role that is made. Default: named as the service. */
  family: z.optional(name),
  /** ARNs of its task and execution roles, which the role that is made may pass. */
  passRoles: z._default(
    z.readonly(
      z.array(
        z.string().check(z.regex(/^arn:[a-z0-9-]+:iam::\d{12}:role\/\S{1,512}$/, 'not the ARN of a role')),
      ),
    ),
    [],
  ),
  /** Where the image is pulled from. Default: the source's own repository. */
  repository: z.optional(z.string().check(z.regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+$/))),
});

export type ServiceSettings = z.infer<typeof serviceSettings>;
