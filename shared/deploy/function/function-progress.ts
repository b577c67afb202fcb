import * as z from 'zod/mini';

/** What a deploy of a function has begun. */
export const functionProgress = z.discriminatedUnion('phase', [
  /** Somebody else changes the function; nothing was begun. */
  z.object({ phase: z.literal('waiting') }),
  /** The code is uploaded; `id` of WantedCode. */
  z.object({ phase: z.literal('code'), id: z.string() }),
  z.object({ phase: z.literal('version'), version: z.string() }),
  z.object({
    phase: z.literal('alias'),
    version: z.string(),
    /** Where the alias was; null where there was none. */
    from: z.nullable(z.string()),
    /** Step of `shift` it stands at; -1: before the first, or at once. */
    at: z.int(),
    /** Milliseconds since the epoch, of this step. */
    since: z.int(),
  }),
  /** The alias is moved back to `from`. */
  z.object({ phase: z.literal('back'), from: z.string() }),
]);

export type FunctionProgress = z.infer<typeof functionProgress>;
export type AliasProgress = Extract<FunctionProgress, { readonly phase: 'alias' }>;

/** What a later undo or removal has to know. */
export const functionResult = z.object({
  version: z.nullable(z.string()),
  /** This deploy made the alias: else it is not ours to delete. */
  isAliasOurs: z.boolean(),
});

export type FunctionResult = z.infer<typeof functionResult>;
