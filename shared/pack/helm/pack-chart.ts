import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, LandfallError } from '../../errors.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { HELM_CHART } from '../../oci/media-types.ts';
import { packArtifact } from '../pack-artifact.ts';
import type { PackedArtifact } from '../packed-artifact.ts';
import type { ManifestAnnotations } from '../packed-manifest.ts';
import { unreadable } from '../source-file.ts';
import { readSourceTree, type SourceTree, type SourceTreeOptions } from '../source-tree.ts';
import { writeTar } from '../tar-writer.ts';
import { chartConfig, chartManifest } from './chart-manifest.ts';
import { type ChartMetadata, parseChartMetadata } from './chart-metadata.ts';

export interface ChartPackOptions extends ManifestAnnotations, Partial<SourceTreeOptions> {}

export interface PackedChart extends PackedArtifact {
  readonly metadata: ChartMetadata;
}

/** What Helm leaves out without being told. @see https://github.com/helm/helm/blob/v3.19.0/pkg/ignore/rules.go */
const HELM_IGNORES = 'templates/.?*';

async function readText(location: string): Promise<string | undefined> {
  try {
    return await readFile(location, 'utf8');
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined;
    throw unreadable(location, cause);
  }
}

/** @throws LandfallError CONFIG_INVALID, INPUT_UNREADABLE */
async function readMetadata(dir: string): Promise<ChartMetadata> {
  const text = await readText(join(dir, 'Chart.yaml'));
  if (text !== undefined) return parseChartMetadata(text, join(dir, 'Chart.yaml'));
  throw new LandfallError('CONFIG_INVALID', `${dir} is no chart: it has no Chart.yaml`, {
    hint: 'Leave --helm out to push a folder that is none.',
  });
}

/** Nobody fetches them later: neither Helm, once it is packed, nor Landfall. @throws LandfallError CONFIG_INVALID */
function requireDependencies({ name, dependencies }: ChartMetadata, { files }: SourceTree): void {
  const isThere = (dependency: string): boolean =>
    files.some(({ path }) => {
      const start = `charts/${dependency}`;
      // An archive has its version behind its name; another's name may begin as this one.
      return (
        path.startsWith(`${start}/`) ||
        (path.startsWith(`${start}-`) && /^-v?\d/.test(path.slice(start.length)))
      );
    });
  const missing = dependencies.filter((dependency) => !isThere(dependency));
  if (missing.length === 0) return;
  throw new LandfallError(
    'CONFIG_INVALID',
    `chart ${name}: not in its folder charts: ${missing.join(', ')}`,
    { hint: 'Run: helm dependency build' },
  );
}

/**
 * Packs a chart as Helm does: its files in a folder of its name, its metadata as config. `.helmignore` is read as a
 * .gitignore is. The config is byte for byte Helm's; the layer has no times, so the same files give the same digest.
 * @throws LandfallError CONFIG_INVALID, and what packDirectory throws
 */
export async function packChart(dir: string, options: ChartPackOptions = {}): Promise<PackedChart> {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const metadata = await readMetadata(dir);
  const ignores = [HELM_IGNORES, (await readText(join(dir, '.helmignore'))) ?? '', options.ignore ?? ''];
  const tree = await readSourceTree(dir, { ...options, ignore: ignores.join('\n'), limits });
  requireDependencies(metadata, tree);
  const files = tree.files.map((file) => ({ ...file, path: `${metadata.name}/${file.path}` }));
  const tar = writeTar(files);
  const packed = await packArtifact(
    { tar, mediaType: HELM_CHART, kind: 'tar.gz', limits, files },
    (layer) => {
      const config = chartConfig(metadata);
      return { config, manifest: chartManifest(metadata, config, { layers: [layer], given: options }) };
    },
    options,
  );
  return { ...packed, metadata };
}
