import { stat } from 'node:fs/promises';
import { LandfallError } from '../../shared/errors.ts';
import {
  formatRepository,
  parseRepository,
  type Reference,
  type Repository,
} from '../../shared/oci/reference.ts';
import { chartTag } from '../../shared/pack/helm/chart-manifest.ts';
import type { ChartMetadata } from '../../shared/pack/helm/chart-metadata.ts';
import { packChart } from '../../shared/pack/helm/pack-chart.ts';
import { packChartArchive } from '../../shared/pack/helm/pack-chart-archive.ts';
import { type PackOptions, packDirectory } from '../../shared/pack/pack.ts';
import { packFiles } from '../../shared/pack/pack-files.ts';
import type { PackedArtifact } from '../../shared/pack/packed-artifact.ts';
import { receivedFile } from '../terminal/received-file.ts';

/** The options that say what is made of a folder. */
export interface PackFlags {
  readonly helm?: boolean;
  readonly files?: boolean;
  readonly artifactType?: string;
  readonly source?: string;
  readonly revision?: string;
  readonly created?: string;
  readonly annotation: readonly string[];
  readonly ignore: readonly string[];
  readonly mediaType?: string;
  readonly configMediaType?: string;
  readonly resolveSymlinks?: boolean;
}

/** An artifact with the name it goes under. */
export interface NamedArtifact {
  readonly packed: PackedArtifact;
  readonly repository: Repository;
  /** Those that its URL and its content say. */
  readonly tags: readonly string[];
}

/** `key=value`; the value may hold more `=`. @throws LandfallError USAGE */
function parseAnnotation(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  throw new LandfallError('USAGE', `--annotation ${JSON.stringify(text)} is not key=value`);
}

/** How it is packed, whatever it is. */
export type PackCall = Required<Pick<PackOptions, 'signal'>> & Pick<PackOptions, 'onPacked'>;

const packOptions = (flags: PackFlags, packing: PackCall): PackOptions => ({
  ...packing,
  annotations: Object.fromEntries(flags.annotation.map(parseAnnotation)),
  ...(flags.source !== undefined && { source: flags.source }),
  ...(flags.revision !== undefined && { revision: flags.revision }),
  ...(flags.created !== undefined && { created: flags.created }),
  ...(flags.ignore.length > 0 && { ignore: flags.ignore.join('\n') }),
  ...(flags.mediaType !== undefined && { mediaType: flags.mediaType }),
  ...(flags.configMediaType !== undefined && { configMediaType: flags.configMediaType }),
  ...(flags.resolveSymlinks === true && { resolveSymlinks: true }),
});

/** Options that another one makes meaningless: whoever gives both wants something that will not come. */
function refuseTogether(flags: PackFlags): void {
  const { helm, files, artifactType, mediaType, configMediaType } = flags;
  const wrong =
    helm === true && files === true
      ? '--helm and --files make different artifacts'
      : helm === true && (mediaType ?? configMediaType) !== undefined
        ? '--helm has the media types of a chart'
        : files === true && configMediaType !== undefined
          ? '--files has an empty config; --artifact-type says what it is'
          : files !== true && artifactType !== undefined
            ? '--artifact-type is for --files'
            : undefined;
  if (wrong !== undefined) throw new LandfallError('USAGE', wrong);
}

const tagsIn = ({ selector }: Reference): readonly string[] =>
  selector.kind === 'tag' ? [selector.tag] : [];

/** A chart goes below the URL under its own name, as with `helm push`; a URL with a tag is its whole name. */
function chartTarget(reference: Reference, metadata: ChartMetadata): Omit<NamedArtifact, 'packed'> {
  const { registry, repository, selector } = reference;
  const tag = chartTag(metadata);
  if (selector.kind === 'none')
    return { repository: parseRepository(`oci://${registry}/${repository}/${metadata.name}`), tags: [tag] };
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  if (selector.kind === 'tag' && selector.tag === tag && name === metadata.name)
    return { repository: { registry, repository }, tags: [tag] };
  throw new LandfallError(
    'USAGE',
    `the chart is ${metadata.name} ${metadata.version}, and Helm finds it under no other name and tag`,
    {
      hint: `Name what it goes below, as with helm push: ${formatRepository({ registry, repository: repository.slice(0, Math.max(0, repository.lastIndexOf('/'))) || repository })}`,
    },
  );
}

/** Whoever pipes in pipes what a build prints: `kustomize build`, `helm template`. */
const PIPED = '-';
const PIPED_NAME = 'manifests.yaml';

/**
 * Makes of a folder what the options say. The caller disposes of it.
 * @throws LandfallError USAGE, and what packing throws
 */
export async function packNamed(
  dir: string,
  reference: Reference,
  flags: PackFlags,
  packing: PackCall,
): Promise<NamedArtifact> {
  refuseTogether(flags);
  if (dir === PIPED && flags.helm === true)
    throw new LandfallError('USAGE', '--helm takes a folder or a file');
  if (dir !== PIPED) return packPath(dir, reference, flags, packing);
  const piped = await receivedFile(PIPED_NAME, { wanted: 'what to push', signal: packing.signal });
  try {
    const named = await packPath(piped.path, reference, flags, packing);
    return { ...named, packed: disposingOf(named.packed, piped) };
  } catch (error) {
    await piped[Symbol.asyncDispose]();
    throw error;
  }
}

/** What is packed may be read only when it is pushed: what it is made of goes after it. */
const disposingOf = (packed: PackedArtifact, file: AsyncDisposable): PackedArtifact => ({
  ...packed,
  dispose: async () => {
    try {
      await packed.dispose();
    } finally {
      await file[Symbol.asyncDispose]();
    }
  },
});

async function packPath(
  dir: string,
  reference: Reference,
  flags: PackFlags,
  packing: PackCall,
): Promise<NamedArtifact> {
  const options = packOptions(flags, packing);
  if (flags.helm === true) {
    const isFile = (await stat(dir).catch(() => undefined))?.isFile() === true;
    const packed = isFile ? await packChartArchive(dir, options) : await packChart(dir, options);
    try {
      return { packed, ...chartTarget(reference, packed.metadata) };
    } catch (error) {
      await packed.dispose();
      throw error;
    }
  }
  const { artifactType } = flags;
  const packed =
    flags.files === true
      ? await packFiles(dir, { ...options, ...(artifactType !== undefined && { artifactType }) })
      : await packDirectory(dir, options);
  return { packed, repository: reference, tags: tagsIn(reference) };
}
