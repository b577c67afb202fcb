import type { Command } from 'commander';
import { machineTrust } from '../../local/trust/machine-trust.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Consideration } from '../../shared/credentials/consideration.ts';
import { formatDuration } from '../../shared/duration.ts';
import { asLandfallError } from '../../shared/errors.ts';
import { startDeadline } from '../../shared/kernel/deadline.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { formatRevision } from '../../shared/oci/revision.ts';
import { fetchSelected } from '../../shared/reconcile/fetch-manifest.ts';
import { artifactIdOf } from '../../shared/reconcile/land.ts';
import { tooLate } from '../../shared/reconcile/reconcile.ts';
import { policiesOf } from '../../shared/reconcile/verify-revision.ts';
import { limitedReader } from '../../shared/registry/limited-reader.ts';
import { resolve } from '../../shared/resolve/resolve.ts';
import type { Source } from '../../shared/source/source.ts';
import { recordKey } from '../../shared/store/layout.ts';
import { judgePath } from '../../shared/unpack/entry-path.ts';
import { checkLayerSize } from '../../shared/unpack/layer/read-layer.ts';
import { planLayers } from '../../shared/unpack/layer/select-layers.ts';
import { describePolicy } from '../../shared/verify/policy/policy.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { explainComposed } from '../explain-composed.ts';
import { addPolicyOption, type PolicyOptions } from '../options/policy-options.ts';
import {
  addRegistryOptions,
  type OpenRegistry,
  openRegistry,
  type RegistryOptions,
} from '../options/registry-options.ts';
import { parseSourceId } from '../options/source-id.ts';
import { findSource, noSource } from '../source-documents.ts';
import { errorDocument, reportError } from '../terminal/report-error.ts';
import { formatBytes } from '../terminal/table.ts';
import { type Terminal, writeJson, writeLine, writeMessage } from '../terminal/terminal.ts';

interface ExplainOptions extends RegistryOptions, PolicyOptions {
  readonly file: readonly string[];
  readonly json?: boolean;
}

const HELP = `
Says which credential and transport a source gets and why every other entry does not, what its ref resolves to now,
which layers would be unpacked and under which key. Reads from the registry; writes nothing.

Example:
  landfall explain web/site -f sources.yaml`;

async function requireSource(text: string, options: ExplainOptions, terminal: Terminal) {
  const id = parseSourceId(text);
  const { configuration, source } = await findSource(id, options, terminal);
  if (source === undefined) throw noSource(id, options.file, configuration);
  return { configuration, source };
}

async function explainArtifact(source: Source, registry: OpenRegistry, signal: AbortSignal) {
  using deadline = startDeadline(source.timeoutMs, () => tooLate(source), { signal, unref: true });
  const { repository, ref, unpack } = source;
  const client = limitedReader(registry.client, source.limits);
  const resolution = await resolve({ repository, ref }, { registry: client, signal: deadline.signal });
  const fetched = 'manifest' in resolution ? resolution.manifest : undefined;
  const { digest } = resolution;
  const selected = await fetchSelected(
    { repository, digest, fetched, unpack, signal: deadline.signal },
    client,
  );
  const plan = planLayers(selected.manifest, unpack, (raw) => judgePath(raw, source.limits, 0));
  return {
    revision: formatRevision(resolution.tag, digest),
    mediaType: selected.mediaType,
    artifactType: selected.artifactType,
    record: recordKey(artifactIdOf({ source, selected })),
    layers: plan.map(({ action, layer }) => ({
      action,
      mediaType: layer.mediaType,
      digest: layer.digest,
      size: layer.size,
    })),
    skipped: selected.manifest.layers.length - plan.length,
  };
}

type Explanation = Awaited<ReturnType<typeof explainArtifact>>;

/** What is refused before a byte of it is asked for does not land, wherever it would. @throws LandfallError LAYER_TOO_LARGE */
function requireLanding({ layers }: Explanation, { limits }: Source): void {
  for (const layer of layers) checkLayerSize(layer, limits);
}

function writeExplanation(
  { stdout }: Terminal,
  { revision, artifactType, record, layers, skipped }: Explanation,
): void {
  writeLine(stdout, `resolves to ${revision}`);
  writeLine(stdout, `  type ${artifactType ?? 'none'}, lands under ${record}`);
  for (const { action, mediaType, size } of layers)
    writeLine(stdout, `  ${action} ${mediaType} (${formatBytes(size)})`);
  if (skipped > 0) writeLine(stdout, `  ${skipped} other layers are no content and are left out`);
}

function polledWords({ ref, intervalMs, maxIntervalMs }: Source): string {
  if (ref.digest !== undefined) return 'pinned, never polled';
  const stretch =
    maxIntervalMs === undefined ? '' : `, every ${formatDuration(maxIntervalMs)} while webhooks work`;
  return `polled every ${formatDuration(intervalMs)}${stretch}`;
}

function writeSource({ stdout }: Terminal, source: Source): void {
  const { ref, url, suspend, verify, policies = [] } = source;
  const all = verify === undefined ? policies : [verify, ...policies];
  writeLine(
    stdout,
    `${formatSourceId(source)}  ${url}  ${JSON.stringify(ref)}  ${suspend ? 'suspended' : polledWords(source)}`,
  );
  if (all.length === 0) writeLine(stdout, 'lands unverified: it has no verify');
  for (const policy of all) writeLine(stdout, `lands only what is ${describePolicy(policy)}`);
}

/** Whose certificates and logs are believed: of when that is, and until when it is good. */
async function writeRoots({ stdout }: Terminal, source: Source, signal: AbortSignal): Promise<void> {
  try {
    const inForce = await policiesOf(source, { signal, trust: machineTrust(process.env, systemClock) });
    const roots = inForce?.policies.flatMap((each) => (each.provider === 'cosign' && each.root) || []) ?? [];
    if (roots.length === 0) return;
    const { describeRoot } = await import('../../shared/verify/cosign/trusted-root.ts');
    for (const root of roots) writeLine(stdout, `  by the trusted root of ${describeRoot(root)}`);
  } catch (error) {
    writeMessage(stdout, `  which cannot be known now: ${asLandfallError(error).message}`);
  }
}

function writeCredentials({ stdout }: Terminal, considered: readonly Consideration[]): void {
  const head = 'credentials, in the order they are considered:';
  writeLine(stdout, considered.length === 0 ? 'credentials: none configured, anonymous' : head);
  for (const { origin, registry, repository, used, settings, why } of considered) {
    const where = repository === null ? registry : `${registry}/${repository}`;
    const taken = settings.length > 0 ? `; sets ${settings.join(', ')}` : '';
    writeLine(stdout, `  ${used ? '→' : ' '} ${origin}: ${where}: ${why}${taken}`);
  }
}

/** One document, also where the registry refuses: the credentials are why one asks. */
async function writeDocument(
  source: Source,
  credentials: readonly Consideration[],
  explained: Promise<Explanation>,
  { stdout, stderr }: Terminal,
): Promise<ExitCode> {
  const { url, ref, suspend } = source;
  const document = { source: formatSourceId(source), url, ref, suspend, credentials };
  let artifact: Explanation | null = null;
  try {
    artifact = await explained;
    requireLanding(artifact, source);
    writeJson(stdout, { ...document, artifact });
    return 0;
  } catch (error) {
    const failure = asLandfallError(error);
    writeJson(stdout, { ...document, artifact, error: errorDocument(failure) });
    return reportError(failure, { stdout, stderr }, { json: false, command: 'landfall explain' });
  }
}

async function explain(
  text: string,
  options: ExplainOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { configuration, source } = await requireSource(text, options, terminal);
  const { composed } = source;
  if (composed !== undefined) {
    const { url, suspend } = source;
    if (options.json === true)
      writeJson(terminal.stdout, { source: formatSourceId(source), url, suspend, composed });
    else for (const line of explainComposed(source, composed)) writeLine(terminal.stdout, line);
    return 0;
  }
  await using registry = openRegistry(options, configuration.credentials);
  const credentials = await registry.access.explain(source.repository);
  const explained = explainArtifact(source, registry, signal);
  if (options.json === true) return await writeDocument(source, credentials, explained, terminal);
  // Written as it is known: where the registry refuses, which credential it was given is what one wants to see.
  explained.catch(() => undefined);
  writeSource(terminal, source);
  await writeRoots(terminal, source, signal);
  writeCredentials(terminal, credentials);
  const explanation = await explained;
  writeExplanation(terminal, explanation);
  requireLanding(explanation, source);
  return 0;
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Explains a source of the documents: credentials, transport, resolution, layers, key.')
    .requiredOption(
      '-f, --file <path>',
      'source document or folder; repeatable',
      (path: string, before: readonly string[] | undefined) => [...(before ?? []), path],
    )
    .option('--json', 'print everything as JSON')
    .addHelpText('after', HELP);
  addPolicyOption(addRegistryOptions(command)).action((text: string, options: ExplainOptions) =>
    run(options, (signal) => explain(text, options, terminal, signal)),
  );
}
