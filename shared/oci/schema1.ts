import { LandfallError } from '../errors.ts';

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
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return (
      typeof value === 'object' && value !== null && 'schemaVersion' in value && value.schemaVersion === 1
    );
  } catch {
    return false;
  }
}
