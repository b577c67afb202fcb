import { LandfallError } from '../errors.ts';
import { DEFAULT_LIMITS, LAYERS } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ImageManifest } from '../oci/manifest.ts';
import { DOCKER_CONFIG, essenceOf, OCI_CONFIG } from '../oci/media-types.ts';
import { judgePath } from './entry-path.ts';
import {
  contentTypeOf,
  isAboutContent,
  isImageLayer,
  isPackedFolder,
  isUnreadableLayer,
  TITLE,
  tarKindOf,
} from './layer-kinds.ts';
import type { LayerPlan, LayerStep } from './layer-plan.ts';
import type { LayerSelection, UnpackOptions } from './unpack-options.ts';

/** Decides that a path from a manifest is safe, and returns it. */
export type PathJudge = (raw: string) => string;

const judgeByDefault: PathJudge = (raw) => judgePath(raw, DEFAULT_LIMITS, 0);

/**
 * Which layers of a manifest are unpacked, and how. Nothing is read but the manifest.
 * - `auto`: a Flux, kluctl, Helm or Timoni artifact's content; ORAS's titled files; else every tar, bottom first.
 * - `{mediaType}`: every layer of this type.
 * - `{first}`, `{mediaType, first}`: the first layer, or the first of this type, as Flux and kluctl take it.
 * - `all`: every tar, bottom first.
 * @throws LandfallError LAYER_NOT_FOUND, MEDIA_TYPE_UNSUPPORTED, MANIFEST_INVALID, PATH_REFUSED
 */
export function planLayers(
  manifest: ImageManifest,
  options: Pick<UnpackOptions, 'mode' | 'layers'>,
  judge: PathJudge = judgeByDefault,
): LayerPlan {
  if (options.mode === 'none') return [];
  const layers = selectLayers(manifest, options);
  if (layers.length === 0) throw notFound(manifest, options.layers);
  if (layers.length > LAYERS) {
    throw new LandfallError(
      'MANIFEST_INVALID',
      `the manifest has ${layers.length} layers to unpack, more than ${LAYERS}`,
    );
  }
  if (options.mode === 'archive') return layers.map((layer, at) => archiveStep(layer, at, layers.length));
  return layers.map((layer) => fileStep(layer, isOras(manifest), options.layers, judge));
}

function selectLayers({ config, layers }: ImageManifest, { mode, layers: selection }: Selecting): Layers {
  if (typeof selection === 'object') {
    const typed =
      'mediaType' in selection ? layers.filter(({ mediaType }) => mediaType === selection.mediaType) : layers;
    return selection.first === true ? typed.slice(0, 1) : typed;
  }
  const tars = layers.filter(isTar);
  if (selection === 'all') return tars;
  const type = contentTypeOf(layers.map(({ mediaType }) => mediaType));
  if (type !== undefined) return layers.filter(({ mediaType }) => mediaType === type);
  if (isOras({ config, layers })) return layers.filter((layer) => titleOf(layer) !== undefined);
  const content = tars.filter(({ mediaType }) => !isAboutContent(mediaType));
  // An archive is handed on as it is, so one layer that is not a tar will do.
  return content.length > 0 || mode !== 'archive' ? content : layers.filter(isOther);
}

const isFirst = (selection: LayerSelection): boolean =>
  typeof selection === 'object' && selection.first === true;

type Selecting = Pick<UnpackOptions, 'mode' | 'layers'>;
type Layers = readonly Descriptor[];

const isTar = ({ mediaType }: Descriptor): boolean => {
  if (isUnreadableLayer(mediaType)) throw unreadable(mediaType);
  return tarKindOf(mediaType) !== undefined;
};

const isOther = ({ mediaType }: Descriptor): boolean => !isAboutContent(mediaType);

const titleOf = ({ annotations }: Descriptor): string | undefined => {
  const title = annotations?.[TITLE];
  return title === '' ? undefined : title;
};

/** An image may carry a title on some layer; only where all have one did ORAS push it with an image's config. */
function isOras({ config, layers }: Pick<ImageManifest, 'config' | 'layers'>): boolean {
  const titled = layers.filter((layer) => titleOf(layer) !== undefined).length;
  const image = config.mediaType === OCI_CONFIG || config.mediaType === DOCKER_CONFIG;
  return image ? titled > 0 && titled === layers.length : titled > 0;
}

function fileStep(layer: Descriptor, oras: boolean, selection: LayerSelection, judge: PathJudge): LayerStep {
  if (isFirst(selection)) {
    if (isUnreadableLayer(layer.mediaType)) throw unreadable(layer.mediaType);
    return { action: 'untar', layer, whiteouts: false };
  }
  const title = titleOf(layer);
  const packed = isPackedFolder(layer);
  if (oras && title !== undefined) {
    if (!packed) return { action: 'file', layer, path: judge(title) };
    const folder = title.replace(/\/+$/, '');
    // `oras push .` packs the working folder without a folder of its own.
    if (folder !== '.') return { action: 'untar-under', layer, path: judge(folder) };
  }
  if (!isTar(layer) && !packed) throw notATar(layer);
  return { action: 'untar', layer, whiteouts: selection === 'all' || isImageLayer(layer.mediaType) };
}

function archiveStep(layer: Descriptor, at: number, count: number): LayerStep {
  const name = count === 1 ? 'layer' : `layer-${at}`;
  return { action: 'archive', layer, path: `${name}.${tarKindOf(layer.mediaType) ?? 'bin'}` };
}

const unreadable = (mediaType: string): LandfallError =>
  new LandfallError('MEDIA_TYPE_UNSUPPORTED', `a layer has media type ${quote(mediaType)}`, {
    hint: 'Its content is encrypted or not in the registry. Push the artifact with plain layers.',
  });

const notATar = ({ mediaType }: Descriptor): LandfallError =>
  new LandfallError(
    'LAYER_NOT_FOUND',
    `layer type ${quote(mediaType)} is a media type without content to unpack`,
    {
      hint: 'Set unpack.mode: archive to get the layer as it is.',
    },
  );

function notFound({ layers }: ImageManifest, selection: LayerSelection): LandfallError {
  const there = layers.map(({ mediaType }) => quote(mediaType)).join(', ');
  const wanted =
    typeof selection === 'object' && 'mediaType' in selection ? ` of type ${quote(selection.mediaType)}` : '';
  const about = layers.length > 0 && layers.every(({ mediaType }) => isAboutContent(mediaType));
  return new LandfallError(
    'LAYER_NOT_FOUND',
    `no layer${wanted} to unpack: media type without content; the manifest has ${there.slice(0, 1024) || 'no layers'}`,
    {
      hint: about
        ? 'This is a signature or an attestation. Point ref at the artifact it is about.'
        : 'Set layers: { mediaType: … } to one of these, or unpack.mode: archive for a layer that is not a tar.',
    },
  );
}

const quote = (mediaType: string): string => JSON.stringify(essenceOf(mediaType).slice(0, 160));
