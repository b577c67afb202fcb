/** What a kind of deploy may keep in the ledger: JSON, and nothing that only looks like it. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
