import * as z from 'zod/mini';

/** What a deploy of a chart has begun. All else is read from the release's own history, which knows best. */
export const helmProgress = z.object({
  /** `release`: Helm is still to run; `health`: it has, and its objects are waited for; `gone`: they are taken away. */
  phase: z.enum(['release', 'health', 'gone']),
  /** Digest of the chart and values that were installed; empty before. */
  digest: z.string(),
  /** Whose release it is: of the revision, or of what was there before, to which a failure is taken back. */
  of: z._default(z.enum(['revision', 'before']), 'revision'),
});

export type HelmProgress = z.infer<typeof helmProgress>;

/** What the release was when the run had ended. */
export const helmResult = z.object({
  namespace: z.string(),
  name: z.string(),
  /** Helm's own count of the release. */
  version: z.int(),
  digest: z.string(),
  objects: z.int(),
});

export type HelmResult = z.infer<typeof helmResult>;
