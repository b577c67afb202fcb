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

function object(keys: Readonly<Record<string, Shape>>): Shape {
  const names = Object.keys(keys);
  return {
    kind: 'object',
    keys: new Map(Object.entries(keys)),
    folded: new Map(names.map((name) => [foldKey(name), name])),
  };
}

const FREE: Shape = { kind: 'free' };
const INTEGER: Shape = { kind: 'integer' };

/** `features` is Docker's. */
const PLATFORM = object({
  architecture: FREE,
  os: FREE,
  'os.version': FREE,
  'os.features': FREE,
  variant: FREE,
  features: FREE,
});

const DESCRIPTOR = object({
  mediaType: FREE,
  digest: FREE,
  size: INTEGER,
  urls: FREE,
  annotations: FREE,
  data: FREE,
  platform: PLATFORM,
  artifactType: FREE,
});

/** Of an image's config, what is read of it here. */
export const CONFIG_SHAPE = object({
  rootfs: object({ type: FREE, diff_ids: { kind: 'list', of: FREE } }),
});

/** Of manifests and indexes together: a reader may take the bytes for either. */
export const MANIFEST_SHAPE = object({
  schemaVersion: INTEGER,
  mediaType: FREE,
  artifactType: FREE,
  config: DESCRIPTOR,
  layers: { kind: 'list', of: DESCRIPTOR },
  manifests: { kind: 'list', of: DESCRIPTOR },
  subject: DESCRIPTOR,
  annotations: FREE,
});
