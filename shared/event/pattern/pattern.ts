/**
 * A checked EventBridge event pattern: it matches where one of these does, which are several by `$or` alone. Of each
 * every field must match, and one test of a field is enough.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export type Pattern = readonly Conjunction[];

/** In the order of their names, which is the order that they are looked for in. */
export type Conjunction = readonly FieldPattern[];

export interface FieldPattern {
  /** The keys above it and its own, joined by dots: `detail.changes.paths`. */
  readonly name: string;
  readonly tests: readonly Test[];
}

/** What a leaf of an event can be. */
export type Scalar = string | number | boolean | null;

/** `absent` looks for a field, every other test at one value. */
export type Test =
  | { readonly kind: 'absent' }
  | { readonly kind: 'value'; readonly accepts: (value: Scalar) => boolean };
