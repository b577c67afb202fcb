import type { Command } from 'commander';
import type { Digest } from '../../shared/oci/digest.ts';
import { formatRepository, type Repository } from '../../shared/oci/reference.ts';
import { formatRevision } from '../../shared/oci/revision.ts';
import type { RegistryReader } from '../../shared/registry/client.ts';
import { resolve } from '../../shared/resolve/resolve.ts';
import type { CommandContext } from '../command.ts';
import { deadline } from '../options/deadline.ts';
import { addRefOptions, parseTarget, type RefOptions } from '../options/ref-options.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { writeJson, writeLine, writeMessage } from '../terminal/terminal.ts';

interface ResolveOptions extends RefOptions, RegistryOptions {
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
Prints the revision, <tag>@<digest>. The digest is computed from the manifest's bytes; of a digest the registry is asked
whether it is there.

Examples:
  landfall resolve oci://ghcr.io/stefanprodan/manifests/podinfo:latest
  landfall resolve oci://ghcr.io/stefanprodan/manifests/podinfo --semver ">=6.0.0 <7.0.0"
  landfall resolve oci://registry.example/app --filter "^main-(?P<ts>[0-9]+)$" --extract '$ts' --order numerical`;

/** Resolving a digest asks nobody; whoever types it wants to know whether it is there. */
async function requireManifest(
  repository: Repository,
  digest: Digest,
  { registry, signal }: { readonly registry: RegistryReader; readonly signal: AbortSignal },
): Promise<void> {
  const claimed = await registry.peek(repository, digest, { signal });
  if (claimed !== digest) await registry.manifest(repository, digest, { signal });
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Resolves oci://host/repository[:tag][@digest], or the best tag of a range, to a digest.')
    .option('--timeout <duration>', 'for everything', '60s')
    .option('--json', 'print {url, tag, digest, revision}')
    .addHelpText('after', HELP);
  for (const addOptions of [addRefOptions, addRegistryOptions]) addOptions(command);
  command.action((url: string, options: ResolveOptions) =>
    run(options, async (signal) => {
      const { reference, ref } = parseTarget(url, options);
      await using registry = openRegistry(options);
      const deps = { registry: registry.client, signal: deadline(signal, options.timeout, url) };
      const { tag, digest, notes } = await resolve({ repository: reference, ref }, deps);
      if (tag === undefined) await requireManifest(reference, digest, deps);
      const revision = formatRevision(tag, digest);
      for (const note of notes) writeMessage(terminal.stderr, `note: ${note}`);
      if (options.json !== true) return writeLine(terminal.stdout, revision);
      writeJson(terminal.stdout, { url: formatRepository(reference), tag: tag ?? null, digest, revision });
    }),
  );
}
