import * as z from 'zod/mini';

/** What a deploy of a stack has begun. */
export const stackProgress = z.discriminatedUnion('phase', [
  /** Somebody else is at the stack, or what was read of it is behind; nothing was begun. */
  z.object({ phase: z.literal('waiting') }),
  /** A stack that could only be deleted is, to be made anew; or it is taken away for good. */
  z.object({ phase: z.enum(['deleting', 'removing']), stack: z.string() }),
  z.object({
    /** A change set is made, or executed; or an update is turned back. */
    phase: z.enum(['made', 'executed', 'cancelled']),
    /** ARN. */
    changeSet: z.string(),
    /** ARN. */
    stack: z.string(),
    /** The stack was not there before. */
    isNew: z.boolean(),
    /** Id of the last event of the stack that is in the log; null before the first. */
    seen: z.nullable(z.string()),
  }),
]);

export type StackProgress = z.infer<typeof stackProgress>;
export type ChangeSetProgress = Extract<StackProgress, { readonly changeSet: string }>;

/** What a later removal has to know. */
export const stackResult = z.object({
  /** ARN: a stack of the same name may be another's by then. */
  stack: z.string(),
  /** This deploy made it: else it is not ours to delete. */
  isOurs: z.boolean(),
});

export type StackResult = z.infer<typeof stackResult>;
