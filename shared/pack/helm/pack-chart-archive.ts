import { createReadStream, existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { LandfallError } from '../../errors.ts';
import { sumOf } from '../../kernel/read-bytes.ts';
import { CHART_METADATA_BYTES, DEFAULT_LIMITS } from '../../limits.ts';
import type { FileWriter, StagedTree } from '../../model/artifact-store.ts';
import { digestFromHex } from '../../oci/digest.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { HELM_CHART, HELM_PROVENANCE } from '../../oci/media-types.ts';
import { type UnpackedTree, unpack } from '../../unpack/unpack.ts';
import type { UnpackOptions } from '../../unpack/unpack-options.ts';
import type { PackedBlob } from '../packed-artifact.ts';
import { packConfig, packManifest } from '../packed-manifest.ts';
import { unreadable } from '../source-file.ts';
import { chartConfig, chartManifest } from './chart-manifest.ts';
import { type ChartMetadata, parseChartMetadata } from './chart-metadata.ts';
import type { ChartPackOptions, PackedChart } from './pack-chart.ts';

const OPTIONS: UnpackOptions = { mode: 'files', layers: 'auto', links: 'record' };

async function blobOf(location: string, mediaType: string): Promise<PackedBlob> {
  const { sha256, size } = await sumOf(createReadStream(location)).catch((cause) => {
    throw unreadable(location, cause);
  });
  const descriptor = { mediaType, digest: digestFromHex('sha256', sha256), size };
  return { descriptor, open: () => createReadStream(location) };
}

/** Keeps the Chart.yaml of what is unpacked, and nothing else. */
class ChartStaging implements StagedTree {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  create(path: string): FileWriter {
    const isWanted = /^[^/]+\/Chart\.yaml$/.test(path);
    const keep = (chunk: Uint8Array): void => {
      this.#bytes += chunk.length;
      if (this.#bytes <= CHART_METADATA_BYTES) this.#chunks.push(Uint8Array.from(chunk));
    };
    return { write: (chunk) => (isWanted ? keep(chunk) : undefined), close: () => {} };
  }

  async copy(): Promise<void> {}
  async remove(): Promise<void> {}
  async discard(): Promise<void> {}
}

/** What landing it would give, and what it says of itself. */
async function readArchive(
  layer: PackedBlob,
  location: string,
  { limits = DEFAULT_LIMITS, signal }: ChartPackOptions,
): Promise<{ readonly tree: UnpackedTree; readonly metadata: ChartMetadata }> {
  const probe = packManifest(
    packConfig(undefined, layer.descriptor.digest).descriptor,
    [layer.descriptor],
    {},
  );
  const manifest = parseManifest(probe.bytes, probe.digest);
  if (manifest.kind !== 'manifest') throw new Error('an index came of one layer');
  const staging = new ChartStaging();
  const tree = await unpack(
    { manifest, options: OPTIONS, limits, prefixBytes: 0, ...(signal && { signal }) },
    { openBlob: async () => layer.open(), staging },
  );
  if (staging.text !== '')
    return { tree, metadata: parseChartMetadata(staging.text, `${location}: Chart.yaml`) };
  throw new LandfallError('CONFIG_INVALID', `${location} is no packaged chart: it has no NAME/Chart.yaml`, {
    hint: 'Name a chart’s folder, or what `helm package` made of one.',
  });
}

/**
 * Takes what `helm package` made, as it is, with the `.prov` beside it where there is one.
 * @throws LandfallError CONFIG_INVALID, INPUT_UNREADABLE, what unpacking it would throw
 */
export async function packChartArchive(
  location: string,
  options: ChartPackOptions = {},
): Promise<PackedChart> {
  const layer = await blobOf(location, HELM_CHART);
  const { tree, metadata } = await readArchive(layer, location, options);
  const provenance = `${location}.prov`;
  const layers = [layer, ...(existsSync(provenance) ? [await blobOf(provenance, HELM_PROVENANCE)] : [])];
  const config = chartConfig(metadata);
  return {
    metadata,
    manifest: chartManifest(metadata, config, {
      layers: layers.map(({ descriptor }) => descriptor),
      given: options,
    }),
    config: { descriptor: config.descriptor, open: () => Readable.from([config.bytes]) },
    layers,
    contentDigest: tree.contentDigest,
    files: tree.files.length,
    size: tree.size,
    dispose: async () => {},
  };
}
