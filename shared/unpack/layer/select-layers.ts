import { LandfallError } from '../../errors.ts';
import { DEFAULT_LIMITS, LAYERS } from '../../limits.ts';
import { type ListedDescriptor, usable } from '../../oci/descriptor.ts';
import type { ImageManifest } from '../../oci/manifest.ts';
import {
  DOCKER_CONFIG,
  essenceOf,
  HELM_CHART,
  HELM_CHART_LEGACY,
  HELM_CONFIG,
  OCI_CONFIG,
} from '../../oci/media-types.ts';
import { judgePath } from '../entry-path.ts';
import type { LayerSelection, UnpackOptions } from '../unpack-options.ts';
import {
  aboutKindOf,
  contentLayerType,
  isAboutContent,
  isContentType,
  isEmptyLayer,
  isImageLayer,
  isPackedFolder,
  isUnreadableLayer,
  TITLE,
  tarKindOf,
} from './layer-kinds.ts';
import type { LayerPlan, LayerStep } from './layer-plan.ts';

/** Decides that a path from a manifest is safe, and returns it. */
export type PathJudge = (raw: string) => string;

const judgeByDefault: PathJudge = (raw) => judgePath(raw, DEFAULT_LIMITS, 0);

/**
 * Which layers of a manifest are unpacked, and how. Nothing is read but the manifest.
 * - `auto`: a Flux, kluctl, Helm or Timoni artifact's content; ORAS's titled files; else every tar, bottom first. What
 *   is about the content, signatures and bills of materials, is left out.
 * - `{mediaType}`: every layer of this type; of a chart's, where there is none, of the one that it had before.
 * - `{first}`, `{mediaType, first}`: the first layer that is content, or the first of this type, as Flux and kluctl take it.
 * - `all`: every tar, bottom first.
 * Only a layer that is selected has to be readable: in the registry, and under a digest that Landfall can compute.
 * @throws LandfallError LAYER_NOT_FOUND, MEDIA_TYPE_UNSUPPORTED, MANIFEST_INVALID, DIGEST_INVALID, PATH_REFUSED
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
    const typed = 'mediaType' in selection ? typedAs(selection.mediaType, { config, layers }) : layers;
    return selection.first === true ? firstOf(typed) : typed;
  }
  if (selection === 'all') return layers.filter(isTar);
  const type = contentLayerType(layers.map(({ mediaType }) => mediaType));
  if (type !== undefined) return layers.filter(({ mediaType }) => mediaType === type);
  const content = layers.filter(({ mediaType }) => !isAboutContent(mediaType));
  if (isOras({ config, layers })) return content.filter((layer) => titleOf(layer) !== undefined);
  const tars = content.filter(isTar);
  // An archive is handed on as it is, so one layer that is not a tar will do.
  return tars.length > 0 || mode !== 'archive' ? tars : content;
}

/** Of a type. Helm before 3.7 had another one for the charts that it pushed, which every Helm since reads as well. */
function typedAs(wanted: string, { config, layers }: Pick<ImageManifest, 'config' | 'layers'>): Layers {
  const of = (type: string): Layers => layers.filter(({ mediaType }) => mediaType === type);
  const typed = of(wanted);
  const isChart = wanted === HELM_CHART && config.mediaType === HELM_CONFIG;
  return typed.length === 0 && isChart ? of(HELM_CHART_LEGACY) : typed;
}

const isFirst = (selection: LayerSelection): boolean =>
  typeof selection === 'object' && selection.first === true;

/** Helm pushes a chart's provenance before or after the chart, and Flux fails on it: what is about content is no content. */
function firstOf(layers: Layers): Layers {
  const first = layers.find(({ mediaType }) => !isAboutContent(mediaType)) ?? layers[0];
  return first === undefined ? [] : [first];
}

type Selecting = Pick<UnpackOptions, 'mode' | 'layers'>;
type Layers = readonly ListedDescriptor[];

const isTar = ({ mediaType }: ListedDescriptor): boolean => {
  if (isUnreadableLayer(mediaType)) throw unreadable(mediaType);
  return tarKindOf(mediaType) !== undefined;
};

const titleOf = ({ annotations }: ListedDescriptor): string | undefined => {
  const title = annotations?.[TITLE];
  return title === '' ? undefined : title;
};

/** An image may carry a title on some layer; only where all have one did ORAS push it with an image's config. */
function isOras({ config, layers }: Pick<ImageManifest, 'config' | 'layers'>): boolean {
  const titled = layers.filter((layer) => titleOf(layer) !== undefined).length;
  const image = config.mediaType === OCI_CONFIG || config.mediaType === DOCKER_CONFIG;
  return image ? titled > 0 && titled === layers.length : titled > 0;
}

function fileStep(
  listed: ListedDescriptor,
  oras: boolean,
  selection: LayerSelection,
  judge: PathJudge,
): LayerStep {
  const layer = usable(listed);
  if (isFirst(selection)) {
    if (isUnreadableLayer(layer.mediaType)) throw unreadable(layer.mediaType);
    return { action: 'untar', layer, whiteouts: false };
  }
  const title = titleOf(layer);
  const packed = isPackedFolder(layer);
  if (oras && title !== undefined) {
    // Helm and Flux unpack a chart or content that `oras push` brought, and titled as it titles every file.
    if (!packed && !isContentType(layer.mediaType)) return { action: 'file', layer, path: judge(title) };
    const folder = title.replace(/\/+$/, '');
    // `oras push .` packs the working folder without a folder of its own.
    if (packed && folder !== '.') return { action: 'untar-under', layer, path: judge(folder) };
  }
  if (!isTar(layer) && !packed) throw notATar(layer);
  return { action: 'untar', layer, whiteouts: selection === 'all' || isImageLayer(layer.mediaType) };
}

function archiveStep(listed: ListedDescriptor, at: number, count: number): LayerStep {
  const layer = usable(listed);
  const name = count === 1 ? 'layer' : `layer-${at}`;
  return { action: 'archive', layer, path: `${name}.${tarKindOf(layer.mediaType) ?? 'bin'}` };
}

const unreadable = (mediaType: string): LandfallError =>
  new LandfallError('MEDIA_TYPE_UNSUPPORTED', `a layer has media type ${quote(mediaType)}`, {
    hint: 'Its content is encrypted or not in the registry. Push the artifact with plain layers.',
  });

const notATar = ({ mediaType }: ListedDescriptor): LandfallError =>
  new LandfallError(
    'LAYER_NOT_FOUND',
    `layer type ${quote(mediaType)} is a media type without content to unpack`,
    {
      hint: 'Set unpack.mode: archive to get the layer as it is.',
    },
  );

function notFound({ layers, subject }: ImageManifest, selection: LayerSelection): LandfallError {
  const there = layers.map(({ mediaType }) => quote(mediaType)).join(', ');
  const wanted =
    typeof selection === 'object' && 'mediaType' in selection ? ` of type ${quote(selection.mediaType)}` : '';
  return new LandfallError(
    'LAYER_NOT_FOUND',
    `no layer${wanted} to unpack: media type without content; the manifest has ${there.slice(0, 1024) || 'no layers'}`,
    { hint: nextStep(layers, subject) },
  );
}

const ARCHIVE = 'unpack.mode: archive (--mode archive)';

function nextStep(layers: Layers, subject: ListedDescriptor | undefined): string {
  const types = layers.map(({ mediaType }) => mediaType).filter((type) => !isEmptyLayer(type));
  const [first] = types;
  if (first === undefined)
    return 'Nothing was pushed with this manifest: push it with files, or follow it with unpack.mode: none.';
  const kind = aboutKindOf(first);
  if (kind === undefined || !types.every(isAboutContent))
    return `Set layers: { mediaType: … } to one of these, or ${ARCHIVE} for a layer that is not a tar.`;
  const whose = subject === undefined ? 'the artifact it is about' : subject.digest.slice(0, 160);
  return `This is ${kind}. Point ref at ${whose}; to have it as it is, set layers: { mediaType: … } and ${ARCHIVE}.`;
}

const quote = (mediaType: string): string => JSON.stringify(essenceOf(mediaType).slice(0, 160));
