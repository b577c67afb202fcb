import type * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { printableLine } from '../printable.ts';

export type Matched<T> =
  | { readonly ok: true; readonly data: T }
  /** `files.0.size: Invalid input: expected number, received string` */
  | { readonly ok: false; readonly why: string };

const ENGLISH = { error: en().localeError };

/** Holds what was read to a schema. zod/mini has no words for what it found: these are all that is wanted of the whole. */
export function matched<T>(value: unknown, schema: z.ZodMiniType<T>): Matched<T> {
  const parsed = schema.safeParse(value, ENGLISH);
  if (parsed.success) return { ok: true, data: parsed.data };
  const issue = parsed.error.issues[0];
  return {
    ok: false,
    why: `${printableLine(issue?.path.join('.') ?? '') || 'it'}: ${issue?.message ?? 'invalid'}`,
  };
}
