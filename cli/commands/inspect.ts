import type { Command } from 'commander';
import { isLandfallError } from '../../shared/errors.ts';
import type { ListedDescriptor } from '../../shared/oci/descriptor.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { type Outline, readOutline } from '../../shared/oci/manifest-outline.ts';
import { formatPlatform } from '../../shared/oci/platform.ts';
import { formatRepository, type Repository } from '../../shared/oci/reference.ts';
import { formatRevision } from '../../shared/oci/revision.ts';
import type { FetchedManifest, RegistryReader } from '../../shared/registry/client.ts';
import { resolve } from '../../shared/resolve/resolve.ts';
import type { CommandContext } from '../command.ts';
import { deadline } from '../options/deadline.ts';
import { addRefOptions, parseTarget, type RefOptions } from '../options/ref-options.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { formatBytes, shortDigest } from '../terminal/table.ts';
import { type Terminal, writeJson, writeLine, writeMessage } from '../terminal/terminal.ts';

interface InspectOptions extends RefOptions, RegistryOptions {
  readonly raw?: boolean;
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
Reads the manifest and the list of what refers to it, and no layer. --raw prints the manifest's own bytes, whose sha256 is the digest.

Examples:
  landfall inspect oci://ghcr.io/stefanprodan/manifests/podinfo:6.5.0
  landfall inspect oci://ghcr.io/stefanprodan/podinfo:latest --raw | sha256sum`;

/** A descriptor as the documents of commands show it: what is not there is null. */
const shown = ({ mediaType, digest, size, artifactType, platform, annotations }: ListedDescriptor) => ({
  mediaType,
  digest,
  size,
  artifactType: artifactType ?? null,
  platform: platform ? formatPlatform(platform) : null,
  annotations: annotations ?? {},
});

interface Inspected {
  readonly url: string;
  readonly revision: string;
  readonly tag: string | null;
  readonly digest: string;
  readonly mediaType: string | null;
  readonly artifactType: string | null;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly subject: string | null;
  readonly config: ReturnType<typeof shown> | null;
  readonly layers: readonly ReturnType<typeof shown>[];
  /** Of an index. */
  readonly manifests: readonly ReturnType<typeof shown>[];
  readonly referrers: readonly ReturnType<typeof shown>[];
  /** What could not be read, and why. */
  readonly notes: readonly string[];
}

type Parts = Pick<Inspected, 'subject' | 'config' | 'layers' | 'manifests' | 'notes'>;

/** What nobody can unpack can be looked at all the same. */
function partsOf({ bytes, digest, contentType }: FetchedManifest): Parts {
  const none: Parts = { subject: null, config: null, layers: [], manifests: [], notes: [] };
  try {
    const manifest = parseManifest(bytes, digest, contentType);
    const parts = { ...none, subject: manifest.subject?.digest ?? null };
    return manifest.kind === 'index'
      ? { ...parts, manifests: manifest.manifests.map(shown) }
      : { ...parts, config: shown(manifest.config), layers: manifest.layers.map(shown) };
  } catch (error) {
    if (!isLandfallError(error)) throw error;
    return { ...none, notes: [`${error.code}: ${error.message}`] };
  }
}

type Deps = { readonly registry: RegistryReader; readonly signal: AbortSignal };

/** A registry that cannot say who refers to it is no reason to say nothing of the artifact. */
async function referrersOf(
  repository: Repository,
  { digest }: FetchedManifest,
  { registry, signal }: Deps,
): Promise<Pick<Inspected, 'referrers' | 'notes'>> {
  try {
    const listed = await registry.referrers(repository, digest, { signal });
    return { referrers: listed.map(shown), notes: [] };
  } catch (error) {
    if (!isLandfallError(error) || signal.aborted) throw error;
    return { referrers: [], notes: [`referrers not known: ${error.code}: ${error.message}`] };
  }
}

async function inspect(
  repository: Repository,
  tag: string | undefined,
  manifest: FetchedManifest,
  deps: Deps,
): Promise<Inspected> {
  const { bytes, digest, contentType } = manifest;
  const outline: Outline | undefined = readOutline(bytes, contentType);
  const parts = partsOf(manifest);
  const { referrers, notes } = await referrersOf(repository, manifest, deps);
  return {
    url: formatRepository(repository),
    revision: formatRevision(tag, digest),
    tag: tag ?? null,
    digest,
    mediaType: outline?.mediaType ?? null,
    artifactType: outline?.artifactType ?? null,
    size: bytes.length,
    annotations: outline?.annotations ?? {},
    ...parts,
    referrers,
    notes: [...parts.notes, ...notes],
  };
}

const line = (name: string, { digest, size, mediaType, artifactType, platform }: ReturnType<typeof shown>) =>
  `${name.padEnd(14)}${shortDigest(digest)}  ${formatBytes(size).padStart(9)}  ${platform ?? artifactType ?? mediaType}`;

function tell(inspected: Inspected, { stdout, stderr }: Terminal): void {
  const { url, revision, mediaType, artifactType, annotations, config, layers, manifests, referrers } =
    inspected;
  const lines = [
    `${'url'.padEnd(14)}${url}`,
    `${'revision'.padEnd(14)}${revision}`,
    `${'media type'.padEnd(14)}${mediaType ?? 'unknown'}`,
    ...(artifactType === null ? [] : [`${'artifact type'.padEnd(14)}${artifactType}`]),
    ...(inspected.subject === null ? [] : [`${'subject'.padEnd(14)}${inspected.subject}`]),
    ...(config === null ? [] : [line('config', config)]),
    ...layers.map((layer) => line('layer', layer)),
    ...manifests.map((child) => line('manifest', child)),
    ...referrers.map((referrer) => line('referrer', referrer)),
    ...Object.entries(annotations).map(([key, value]) => `${'annotation'.padEnd(14)}${key}: ${value}`),
  ];
  for (const each of lines) writeLine(stdout, each);
  for (const note of inspected.notes) writeMessage(stderr, `note: ${note}`);
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Shows what a manifest or index says, and what refers to it.')
    .option('--raw', "print the manifest's bytes and nothing else")
    .option('--timeout <duration>', 'for everything', '60s')
    .option(
      '--json',
      'print {url, revision, tag, digest, mediaType, artifactType, size, annotations, subject, config, layers, manifests, referrers, notes}',
    )
    .addHelpText('after', HELP);
  for (const addOptions of [addRefOptions, addRegistryOptions]) addOptions(command);
  command.action((url: string, options: InspectOptions) =>
    run(options, async (interrupted) => {
      const { reference, ref } = parseTarget(url, options);
      await using registry = openRegistry(options);
      const deps = { registry: registry.client, signal: deadline(interrupted, options.timeout, url) };
      const { tag, digest } = await resolve({ repository: reference, ref }, deps);
      const manifest = await deps.registry.manifest(reference, digest, deps);
      if (options.raw === true) return void terminal.stdout.write(manifest.bytes);
      const inspected = await inspect(reference, tag, manifest, deps);
      if (options.json === true) return writeJson(terminal.stdout, inspected);
      tell(inspected, terminal);
    }),
  );
}
