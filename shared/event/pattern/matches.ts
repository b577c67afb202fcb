import type { EventEnvelope } from '../envelope.ts';
import type { FieldPattern, Pattern, Scalar, Test } from './pattern.ts';

type Json = Readonly<Record<string, unknown>>;
type Leaf = Extract<FieldPattern, { kind: 'leaf' }>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isScalar = (value: unknown): value is Scalar =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

/** A field's own value; what objects inherit is not in an event. */
const valueAt = (object: Json, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** The scalars a field has: itself, or the members of an array, arrays in arrays included. */
function* scalarsIn(value: unknown): Generator<Scalar> {
  if (isScalar(value)) yield value;
  else if (Array.isArray(value)) for (const member of value) yield* scalarsIn(member);
}

function anyScalar(value: unknown, accepts: (scalar: Scalar) => boolean): boolean {
  for (const scalar of scalarsIn(value)) if (accepts(scalar)) return true;
  return false;
}

function* objectsIn(value: unknown): Generator<Json> {
  if (isObject(value)) yield value;
  else if (Array.isArray(value)) for (const member of value) yield* objectsIn(member);
}

/** Whether any value is at `path`. Only leaves exist: an object or an empty array is not a value. */
function isPresent(value: unknown, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return scalarsIn(value).next().done !== true;
  for (const object of objectsIn(value)) if (isPresent(valueAt(object, key), rest)) return true;
  return false;
}

/** One event under one pattern; absence is a question to the whole event, so its answers are kept. */
class Matching {
  readonly #event: Json;
  readonly #presence = new Map<Leaf, boolean>();

  constructor(event: Json) {
    this.#event = event;
  }

  /** Every field and every `$or` matches within this one object. */
  object(pattern: Pattern, object: Json): boolean {
    return (
      pattern.fields.every((field) => this.#field(field, valueAt(object, field.key))) &&
      pattern.either.every((alternatives) => alternatives.some((one) => this.object(one, object)))
    );
  }

  #field(field: FieldPattern, value: unknown): boolean {
    if (field.kind === 'leaf') return field.tests.some((test) => this.#test(test, field, value));
    // An array of objects matches where one element does as a whole: fields of two elements never add up.
    const objects = [...objectsIn(value)];
    if (objects.length === 0) return this.object(field.pattern, {});
    return objects.some((object) => this.object(field.pattern, object));
  }

  #test(test: Test, leaf: Leaf, value: unknown): boolean {
    if (test.kind === 'value') return anyScalar(value, test.accepts);
    const known = this.#presence.get(leaf);
    const present = known ?? isPresent(this.#event, leaf.path);
    if (known === undefined) this.#presence.set(leaf, present);
    return !present;
  }
}

/**
 * Whether EventBridge would deliver the event to a rule with this pattern. Linear in the event for each test.
 * Keys are taken as they are: a key with a dot in the pattern means a key with a dot in the event.
 */
export const matches = (pattern: Pattern, event: EventEnvelope): boolean =>
  new Matching({ ...event }).object(pattern, { ...event });
