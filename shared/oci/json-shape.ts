/**
 * Which keys readers written in Go know at a place of a JSON document, and where they read a whole number. Such a
 * reader matches keys without regard to case, so another spelling of a known key is a second value for it.
 * @see https://pkg.go.dev/encoding/json#Unmarshal
 */
export type Shape =
  | { readonly kind: 'object'; readonly keys: ReadonlyMap<string, Shape>; readonly folded: Spellings }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'integer' }
  /** Free data, or a text: its keys are nobody's but the reader's own. */
  | { readonly kind: 'free' };

/** The known key of each folded one. */
type Spellings = ReadonlyMap<string, string>;

/** As Go folds: letters without case, `ſ` as s and the Kelvin sign as k (which is its lower case in JavaScript). */
export const foldKey = (key: string): string => key.toLowerCase().replaceAll('\u017f', 's');

/** An object of which readers know these keys. */
export function objectShape(keys: Readonly<Record<string, Shape>>): Shape {
  const names = Object.keys(keys);
  return {
    kind: 'object',
    keys: new Map(Object.entries(keys)),
    folded: new Map(names.map((name) => [foldKey(name), name])),
  };
}

export const FREE_SHAPE: Shape = { kind: 'free' };
const INTEGER: Shape = { kind: 'integer' };

/** `features` is Docker's. */
const PLATFORM = objectShape({
  architecture: FREE_SHAPE,
  os: FREE_SHAPE,
  'os.version': FREE_SHAPE,
  'os.features': FREE_SHAPE,
  variant: FREE_SHAPE,
  features: FREE_SHAPE,
});

const DESCRIPTOR = objectShape({
  mediaType: FREE_SHAPE,
  digest: FREE_SHAPE,
  size: INTEGER,
  urls: FREE_SHAPE,
  annotations: FREE_SHAPE,
  data: FREE_SHAPE,
  platform: PLATFORM,
  artifactType: FREE_SHAPE,
});

/** Of manifests and indexes together: a reader may take the bytes for either. */
export const MANIFEST_SHAPE = objectShape({
  schemaVersion: INTEGER,
  mediaType: FREE_SHAPE,
  artifactType: FREE_SHAPE,
  config: DESCRIPTOR,
  layers: { kind: 'list', of: DESCRIPTOR },
  manifests: { kind: 'list', of: DESCRIPTOR },
  subject: DESCRIPTOR,
  annotations: FREE_SHAPE,
});
