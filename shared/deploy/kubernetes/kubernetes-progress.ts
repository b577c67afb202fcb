import * as z from 'zod/mini';

/** What a deploy into a cluster has begun. All else is read from the cluster, which knows best. */
export const kubernetesProgress = z.object({
  /** `apply`: objects are made; `health`: they are, and are waited for; `gone`: they are taken away. */
  phase: z.enum(['apply', 'health', 'gone']),
  /** How many there are in all. */
  objects: z.int(),
  /** Whose artifact it is: of the revision, or of what was applied before, to which a failure is taken back. */
  of: z._default(z.enum(['revision', 'before']), 'revision'),
});

export type KubernetesProgress = z.infer<typeof kubernetesProgress>;

/** Where the list of what the deploy made is, which is too long for a ledger. */
export const kubernetesResult = z.object({
  inventory: z.object({ namespace: z.string(), name: z.string() }),
  objects: z.int(),
  /** ARN of the cluster; null: it is none of EKS, or nobody wrote it down. */
  eks: z._default(z.nullable(z.string()), null),
});

export type KubernetesResult = z.infer<typeof kubernetesResult>;
