import * as z from 'zod/mini';

/** What a deploy of a chart has begun. All else is read from the release's own history, which knows best. */
export const helmProgress = z.object({
  /**
   * `release`: Helm is still to run; `hooks`: those before, helm, and those after, one after the other; `health`: its objects
   * are waited for; `gone`: they are taken away.
   */
  phase: z.enum(['release', 'hooks', 'health', 'gone']),
  /** Of `hooks`. */
  hooks: z._default(
    z.nullable(
      z.object({
        /** `helm`: those before have ended, and helm runs without any. */
        event: z.enum(['pre-install', 'pre-upgrade', 'helm', 'post-install', 'post-upgrade', 'test']),
        /** How many of the event have ended. */
        at: z.int().check(z.nonnegative()),
        /** Where the one that runs now is, once it has been made: looked at without helm. */
        path: z._default(z.nullable(z.string()), null),
        /** What helm is to do, or has done. */
        action: z.enum(['install', 'upgrade']),
      }),
    ),
    null,
  ),
  /** Digest of the chart and values that were installed; empty before. */
  digest: z.string(),
  /** Whose release it is: of the revision, or of what was there before, to which a failure is taken back. */
  of: z._default(z.enum(['revision', 'before']), 'revision'),
});

export type HooksProgress = NonNullable<z.infer<typeof helmProgress>['hooks']>;

export type HelmProgress = z.infer<typeof helmProgress>;

/** What the release was when the run had ended. */
export const helmResult = z.object({
  namespace: z.string(),
  name: z.string(),
  /** Helm's own count of the release. */
  version: z.int(),
  digest: z.string(),
  objects: z.int(),
  /** ARN of the cluster; null: it is none of EKS, or nobody wrote it down. */
  eks: z._default(z.nullable(z.string()), null),
});

export type HelmResult = z.infer<typeof helmResult>;
