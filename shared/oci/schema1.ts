import { LandfallError } from '../errors.ts';
import { parseObject } from '../kernel/json.ts';

/**
 * Docker's first manifests (2013 to 2017). Signed ones have a digest over a part of their bytes only, and their
 * layers are listed the other way round.
 * @see https://distribution.github.io/distribution/spec/deprecated-schema-v1/
 */
export const schema1 = (what: string): LandfallError =>
  new LandfallError(
    'MEDIA_TYPE_UNSUPPORTED',
    `${what} is a Docker schema 1 manifest, which nobody writes any more`,
    {
      hint: 'Push the image again with a current tool, or copy it with skopeo copy --format oci.',
    },
  );

/** Whether bytes are such a manifest. */
export function isSchema1(bytes: Uint8Array): boolean {
  return parseObject(bytes)?.['schemaVersion'] === 1;
}
