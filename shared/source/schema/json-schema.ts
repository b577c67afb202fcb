import * as z from 'zod';
import { documentSchema } from './schema.ts';

/** The part of JSON Schema that leads to the keys of an object. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** The source document's JSON Schema (2020-12), for editors. */
export const documentJsonSchema = (): Readonly<Record<string, unknown>> & JsonSchema => ({
  ...(z.toJSONSchema(documentSchema, { io: 'input' }) as Readonly<Record<string, unknown>>),
  title: 'Landfall source document',
});

/** The keys an object at `path` may have, as far as the schema names them. */
export function keysAt(root: JsonSchema, path: readonly PropertyKey[]): readonly string[] {
  let at: readonly JsonSchema[] = [root];
  for (const step of path) {
    at = at.flatMap((schema) => {
      const next = typeof step === 'number' ? schema.items : schema.properties?.[String(step)];
      return next === undefined ? [] : [next, ...(next.anyOf ?? []), ...(next.oneOf ?? [])];
    });
  }
  return [...new Set(at.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/** The same for what zod checks. */
export const keysOf = (schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] =>
  keysAt(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema, path);
