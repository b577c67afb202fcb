import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import {
  DOCKER_CONFIG,
  DOCKER_LAYER_GZIP,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  HELM_CHART_LEGACY,
  HELM_CONFIG,
  OCI_EMPTY,
  OCI_INDEX,
  OCI_LAYER_GZIP,
  OCI_MANIFEST,
} from '../../../shared/oci/media-types.ts';

/** The exact bytes of one thing to push, with its descriptor. */
export interface Sample {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export function sample(mediaType: string, content: string | Uint8Array): Sample {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

/** Laid out as no serializer would, so that a round trip through JSON is noticed. */
const document = (mediaType: string, value: unknown): Sample =>
  sample(mediaType, `${JSON.stringify(value, null, 3)}\n \n`);

/** A manifest with the blobs or manifests it needs, those first. */
export interface SampleImage {
  readonly blobs: readonly Sample[];
  readonly children: readonly Sample[];
  readonly manifest: Sample;
}

interface Shape {
  readonly mediaType: string;
  readonly config: string;
  readonly layer: string;
  /** False: the document leaves its media type out, as Helm's do. */
  readonly typed: boolean;
  readonly subject?: Descriptor;
}

function image(content: string, shape: Shape): SampleImage {
  const { mediaType, typed, subject } = shape;
  const config = sample(shape.config, '{}');
  const layer = sample(shape.layer, content);
  const manifest = document(mediaType, {
    schemaVersion: 2,
    ...(typed && { mediaType }),
    config: config.descriptor,
    layers: [layer.descriptor],
    ...(subject && { subject }),
    annotations: { 'org.example.of': content },
  });
  return { blobs: [config, layer], children: [], manifest };
}

export const ociImage = (content: string): SampleImage =>
  image(content, { mediaType: OCI_MANIFEST, config: OCI_EMPTY, layer: OCI_LAYER_GZIP, typed: true });

export const dockerImage = (content: string): SampleImage =>
  image(content, {
    mediaType: DOCKER_MANIFEST,
    config: DOCKER_CONFIG,
    layer: DOCKER_LAYER_GZIP,
    typed: true,
  });

/** As Helm 3.6 pushed charts. */
export const helmChart = (content: string): SampleImage =>
  image(content, { mediaType: OCI_MANIFEST, config: HELM_CONFIG, layer: HELM_CHART_LEGACY, typed: false });

/** A signature, say: a manifest about another one. */
export const referrer = (content: string, subject: Descriptor): SampleImage =>
  image(content, {
    mediaType: OCI_MANIFEST,
    config: 'application/vnd.example.signature',
    layer: OCI_LAYER_GZIP,
    typed: true,
    subject,
  });

function list(mediaType: string, children: readonly SampleImage[]): SampleImage {
  const manifests = children.map(({ manifest }, index) => ({
    ...manifest.descriptor,
    platform: { os: 'linux', architecture: index === 0 ? 'amd64' : 'arm64' },
  }));
  return {
    blobs: children.flatMap(({ blobs }) => blobs),
    children: children.map(({ manifest }) => manifest),
    manifest: document(mediaType, { schemaVersion: 2, mediaType, manifests }),
  };
}

export const ociIndex = (content: string): SampleImage =>
  list(OCI_INDEX, [ociImage(`${content} amd64`), ociImage(`${content} arm64`)]);

export const dockerList = (content: string): SampleImage =>
  list(DOCKER_LIST, [dockerImage(`${content} amd64`), dockerImage(`${content} arm64`)]);

/** What a client leaves under the fallback tag of `subject`. */
export const referrersIndex = (manifests: readonly Descriptor[]): Sample =>
  document(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests });
