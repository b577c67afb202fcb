import { LandfallError } from '../../errors.ts';
import { isObject, parseObject } from '../../kernel/json.ts';
import type { Limits } from '../../limits.ts';
import { type Descriptor, usable } from '../../oci/descriptor.ts';
import { type Digest, digestOf, isDigest } from '../../oci/digest.ts';
import { CONFIG_SHAPE } from '../../oci/json-shape.ts';
import type { ImageManifest } from '../../oci/manifest.ts';
import { parseStrictJson } from '../../oci/strict-json.ts';
import { LayerBlob } from '../layer/layer-blob.ts';
import type { LayerReading } from '../layer/layer-step.ts';

/** By a layer's digest, what the config of an image says that its tar's digest is. */
export type DiffIds = ReadonlyMap<Digest, readonly Digest[]>;

type BlobReading = Pick<LayerReading, 'openBlob' | 'signal'>;

/** Of a config that says nothing, which is asked of no registry. */
const EMPTY_OBJECT = digestOf('{}');

async function readBlob(descriptor: Descriptor, { openBlob, signal }: BlobReading): Promise<Buffer> {
  const blob = new LayerBlob(await openBlob(descriptor), descriptor, signal && { signal });
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of blob) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    blob.close();
  }
}

/** The diff_ids as they stand there; none where the content is no config, or one that says nothing of layers. */
function claimsIn(content: Buffer, config: Digest): readonly unknown[] {
  if (parseObject(content) === undefined) return [];
  const document = parseStrictJson(content, `config ${config}`, CONFIG_SHAPE);
  const rootfs = isObject(document) ? document['rootfs'] : undefined;
  const claims = (isObject(rootfs) ? rootfs['diff_ids'] : undefined) ?? [];
  if (Array.isArray(claims)) return claims;
  throw new LandfallError('MANIFEST_INVALID', `config ${config} at rootfs.diff_ids: wanted a list`);
}

const refused = (config: Digest, why: string): LandfallError =>
  new LandfallError('DIFF_ID_MISMATCH', `config ${config} of the image ${why}`);

/**
 * What the config of an image claims of its layers, so that they can be held to it: containerd and umoci refuse an image
 * whose config lies. One that claims nothing, as of an artifact that was pushed with an image's config, is no lie.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#properties rootfs
 * @throws LandfallError DIFF_ID_MISMATCH where it speaks of other layers than there are; MANIFEST_TOO_LARGE,
 * MANIFEST_INVALID, and what reading a blob throws
 */
export async function readDiffIds(
  { config: listed, layers }: ImageManifest,
  { manifestBytes }: Pick<Limits, 'manifestBytes'>,
  reading: BlobReading,
): Promise<DiffIds> {
  if (listed.digest === EMPTY_OBJECT || !isDigest(listed.digest)) return new Map();
  const config = usable(listed);
  if (config.size > manifestBytes)
    throw new LandfallError(
      'MANIFEST_TOO_LARGE',
      `config ${config.digest} is ${config.size} bytes, more than manifestBytes = ${manifestBytes}`,
    );
  const claims = claimsIn(await readBlob(config, reading), config.digest);
  if (claims.length === 0) return new Map();
  if (claims.length !== layers.length)
    throw refused(
      config.digest,
      `has ${claims.length} diff_ids, but its manifest has ${layers.length} layers`,
    );
  const byLayer = new Map<Digest, Digest[]>();
  for (const [at, { digest: layer }] of layers.entries()) {
    const claim = claims[at];
    if (typeof claim !== 'string' || !isDigest(claim))
      throw refused(
        config.digest,
        `has diff_ids[${at}] ${JSON.stringify(claim)?.slice(0, 160)}, which is no digest`,
      );
    if (isDigest(layer)) byLayer.set(layer, [...(byLayer.get(layer) ?? []), claim]);
  }
  return byLayer;
}
