/**
 * A checked EventBridge event pattern. Every field of an object must match, one test of a field is enough.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export interface Pattern {
  readonly fields: readonly FieldPattern[];
  /** Each `$or`: one of its alternatives must match. */
  readonly either: readonly (readonly Pattern[])[];
}

export type FieldPattern =
  | { readonly key: string; readonly kind: 'object'; readonly pattern: Pattern }
  | {
      readonly key: string;
      readonly kind: 'leaf';
      readonly path: readonly string[];
      readonly tests: readonly Test[];
    };

/** What a leaf of an event can be. */
export type Scalar = string | number | boolean | null;

/** `absent` looks at the whole event; every other test at one value. */
export type Test =
  | { readonly kind: 'absent' }
  | { readonly kind: 'value'; readonly accepts: (value: Scalar) => boolean };
