import * as z from 'zod';
import { documentSchema } from './schema.ts';

/** The part of JSON Schema that leads to the keys of an object. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
}

/** The source document's JSON Schema (2020-12), for editors. */
export const documentJsonSchema = (): Readonly<Record<string, unknown>> & JsonSchema => ({
  ...(z.toJSONSchema(documentSchema, { io: 'input' }) as Readonly<Record<string, unknown>>),
  title: 'Landfall source document',
});

function schemasAt(root: JsonSchema, path: readonly PropertyKey[]): readonly JsonSchema[] {
  let at: readonly JsonSchema[] = [root];
  for (const step of path) {
    at = at.flatMap((schema) => {
      const next = typeof step === 'number' ? schema.items : schema.properties?.[String(step)];
      return next === undefined ? [] : [next, ...(next.anyOf ?? []), ...(next.oneOf ?? [])];
    });
  }
  return at;
}

/** The keys an object at `path` may have, as far as the schema names them. */
export const keysAt = (root: JsonSchema, path: readonly PropertyKey[]): readonly string[] => [
  ...new Set(schemasAt(root, path).flatMap(({ properties }) => Object.keys(properties ?? {}))),
];

/** Which members of a union have a key: `{ by: 'kind', values: ['http'] }`. */
interface KeyOwners {
  /** The key that tells the members apart. */
  readonly by: string;
  readonly values: readonly string[];
}

const valuesOf = (schema: JsonSchema | undefined): readonly string[] =>
  (schema?.const === undefined ? (schema?.enum ?? []) : [schema.const]).map(String);

/** Undefined where every member has the key, or none, or it is no union told apart by `kind`, `type` or `provider`. */
function ownersAt(root: JsonSchema, path: readonly PropertyKey[], key: string): KeyOwners | undefined {
  const members = schemasAt(root, path).flatMap(({ properties }) =>
    properties === undefined ? [] : [properties],
  );
  const owners = members.filter((properties) => Object.hasOwn(properties, key));
  if (owners.length === 0 || owners.length === members.length) return undefined;
  const by = ['kind', 'type', 'provider'].find((each) =>
    members.every((member) => valuesOf(member[each]).length > 0),
  );
  return by === undefined ? undefined : { by, values: owners.flatMap((member) => valuesOf(member[by])) };
}

/** What a schema knows of the keys at a path: for messages about those that are there in vain, or missing. */
export interface SchemaKeys {
  readonly known: (path: readonly PropertyKey[]) => readonly string[];
  readonly owners: (path: readonly PropertyKey[], key: string) => KeyOwners | undefined;
}

/** Each takes 15 ms to make, and a file may hold thousands of documents that ask for it. */
const made = new WeakMap<z.ZodType, SchemaKeys>();

export function schemaKeys(schema: z.ZodType): SchemaKeys {
  const there = made.get(schema);
  if (there !== undefined) return there;
  const json = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  const keys: SchemaKeys = {
    known: (path) => keysAt(json, path),
    owners: (path, key) => ownersAt(json, path, key),
  };
  made.set(schema, keys);
  return keys;
}
