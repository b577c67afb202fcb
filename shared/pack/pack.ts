import { LandfallError } from '../errors.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { FLUX_CONTENT, HELM_CHART } from '../oci/media-types.ts';
import { type TarKind, tarKindOf } from '../unpack/layer/layer-kinds.ts';
import { packArtifact } from './pack-artifact.ts';
import type { LayerOptions } from './pack-layer.ts';
import type { PackedArtifact } from './packed-artifact.ts';
import { type ManifestAnnotations, packConfig, packManifest } from './packed-manifest.ts';
import { refuseUnlandableNames } from './refuse-unlandable.ts';
import { readSourceTree, type SourceTreeOptions } from './source-tree.ts';
import { writeTar } from './tar-writer.ts';

export interface PackOptions extends ManifestAnnotations, LayerOptions, Partial<SourceTreeOptions> {
  /** Of the layer; its suffix decides the compression. Default: Flux's and kluctl's. */
  readonly mediaType?: string;
  /** Of the config, which says nothing in any case. Default: Flux's; an image's makes an image of it. */
  readonly configMediaType?: string;
}

/**
 * Packs a folder, or one file, into an artifact that Flux and kluctl read: the same bytes for the same files, whoever
 * packs them, when and where. What could not be unpacked again within the limits is refused here, before anything is
 * sent, with the code that unpacking would give.
 * @throws LandfallError what readSourceTree and writeLayerFile throw; USAGE where nothing is left to pack;
 * ENTRY_REFUSED, RATIO_EXCEEDED, UNPACKED_TOO_LARGE, CONFIG_INVALID, MEDIA_TYPE_UNSUPPORTED
 */
export async function packDirectory(dir: string, options: PackOptions = {}): Promise<PackedArtifact> {
  const mediaType = options.mediaType ?? FLUX_CONTENT;
  const kind = kindOf(mediaType);
  const limits = options.limits ?? DEFAULT_LIMITS;
  const tree = await readSourceTree(dir, { ...options, limits });
  const { files } = tree;
  if (files.length === 0)
    throw new LandfallError('USAGE', `nothing to pack in ${dir}: it has no files, or all are ruled out`);
  refuseUnlandableNames(tree, mediaType);
  const tar = writeTar(files, tree.folders);
  return packArtifact(
    { tar, mediaType, kind, limits, files },
    (layer, { diffId }) => {
      const config = packConfig(options.created, diffId, options.configMediaType);
      return { config, manifest: packManifest(config.descriptor, [layer], options) };
    },
    options,
  );
}

function kindOf(mediaType: string): TarKind {
  if (mediaType === HELM_CHART) {
    throw new LandfallError(
      'MEDIA_TYPE_UNSUPPORTED',
      'a folder is no chart that Helm would read: it wants its own config and archive',
      {
        hint: 'Push charts with: landfall push --helm DIR oci://…; leave --media-type out for manifests.',
      },
    );
  }
  const kind = tarKindOf(mediaType);
  if (kind !== undefined) return kind;
  throw new LandfallError(
    'MEDIA_TYPE_UNSUPPORTED',
    `media type ${JSON.stringify(mediaType)} is not a tar’s`,
    {
      hint: 'Give one that ends in tar, tar+gzip or tar+zstd.',
    },
  );
}
