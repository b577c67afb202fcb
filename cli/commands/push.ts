import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { LandfallError } from '../../shared/errors.ts';
import type { Reference } from '../../shared/oci/reference.ts';
import { formatRevision } from '../../shared/oci/revision.ts';
import { correctedReference, parseTypedReference } from '../../shared/oci/typed-reference.ts';
import { type PushProgress, pushArtifact } from '../../shared/pack/push.ts';
import { shellWord } from '../../shared/shell-word.ts';
import type { CommandContext } from '../command.ts';
import { deadline } from '../options/deadline.ts';
import { type NamedArtifact, type PackFlags, packNamed } from '../options/pack-options.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { repeat } from '../options/repeated-option.ts';
import { progressBar } from '../terminal/progress.ts';
import { formatBytes, shortDigest } from '../terminal/table.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface PushOptions extends RegistryOptions, PackFlags {
  readonly tag: readonly string[];
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
Makes one artifact of the folder (or file), of the kind flux push artifact and kluctl oci push make, and pushes it.
The same files give the same digest, whoever packs them, when and where. .git is left out, and what .sourceignore
files and --ignore rule out.

Examples:
  landfall push ./deploy oci://registry.example/team/app:1.4.0
  landfall push ./site oci://localhost:5000/web/site:1.1.0 --tag stable --plain-http
  kustomize build ./prod | landfall push - oci://registry.example/team/app:prod
  landfall push --helm ./chart oci://registry.example/charts
  landfall push --files ./policies oci://registry.example/team/policies:1 --artifact-type application/vnd.example.policies
  landfall push . oci://registry.example/team/app:main --source "$(git remote get-url origin)" --revision "main@sha1:$(git rev-parse HEAD)"`;

/** @throws LandfallError USAGE */
function refuseDigest({ selector }: Reference): void {
  if (selector.kind === 'digest' || selector.kind === 'tag+digest')
    throw new LandfallError('USAGE', 'a push makes its own digest; the URL can name a tag only');
}

/**
 * Flux and oras take the URL first.
 * @throws LandfallError USAGE with the line as it should be
 */
function refuseSwapped(dir: string, url: string): void {
  if (existsSync(dir) || /^[a-z]+:\/\//i.test(url)) return;
  const isFirst = /^[a-z][a-z0-9-]*:\/\//i.test(dir) || existsSync(url);
  const reference = isFirst ? correctedReference(dir) : undefined;
  if (reference === undefined) return;
  throw new LandfallError(
    'USAGE',
    'the arguments are the other way round: the folder comes first, then the URL',
    {
      hint: `Write: landfall push ${shellWord(url)} ${shellWord(reference)}`,
    },
  );
}

async function pushPacked(
  { packed, repository, tags: named }: NamedArtifact,
  options: PushOptions,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<void> {
  const all = [...new Set([...named, ...options.tag])];
  const tags = all.length === 0 ? ['latest'] : all;
  await using registry = openRegistry(options);
  const bar = progressBar(terminal, 'push');
  const tell = ({ what, digest: of, size, outcome }: PushProgress): void => {
    bar.clear();
    const did = outcome === 'exists' ? 'there  ' : 'pushed ';
    writeLine(terminal.stderr, `${did} ${what} ${shortDigest(of)} (${formatBytes(size)})`);
  };
  const { url, digest } = await pushArtifact(
    { packed, repository, tags },
    {
      writer: registry.client,
      signal,
      onProgress: tell,
      onSent: ({ digest: of, sent, size }) => bar.update({ digest: of, received: sent, size }),
    },
  ).finally(() => bar.clear());
  const { contentDigest, files, size } = packed;
  if (options.json === true) {
    const revision = formatRevision(tags[0], digest);
    return writeJson(terminal.stdout, {
      url,
      revision,
      tag: tags[0],
      tags,
      digest,
      contentDigest,
      files,
      size,
    });
  }
  for (const tag of tags) writeLine(terminal.stdout, `${url}:${tag}@${digest}`);
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Packs a folder byte-reproducibly and pushes it to oci://host/repository[:tag].')
    .option('--helm', 'push a chart, as helm package and helm push do: a folder, or what helm package made')
    .option('--files', 'make a layer of each file, as oras push does')
    .option('--artifact-type <type>', 'with --files: what the artifact is')
    .option('--tag <tag>', 'another tag for the same artifact; repeatable', repeat, [])
    .option('--source <url>', 'org.opencontainers.image.source')
    .option('--revision <revision>', 'org.opencontainers.image.revision, e.g. main@sha1:<commit>')
    .option(
      '--created <time>',
      'org.opencontainers.image.created, RFC 3339 (default 1970: the digest then depends on the files alone)',
    )
    .option('--annotation <key=value>', 'an annotation of the manifest; repeatable', repeat, [])
    .option('--ignore <pattern>', 'leave out what this .gitignore line matches; repeatable', repeat, [])
    .option('--media-type <type>', "of the layer, ending in tar, tar+gzip or tar+zstd; default Flux's")
    .option(
      '--config-media-type <type>',
      "of the config; default Flux's. With an image's, such as application/vnd.oci.image.config.v1+json, and layers of one, skopeo inspect and umoci raw unpack read it",
    )
    .option('--resolve-symlinks', 'pack what links inside the folder point at')
    .option('--timeout <duration>', 'for everything', '10m')
    .option('--json', 'print {url, revision, tag, tags, digest, contentDigest, files, size}')
    .addHelpText('after', HELP);
  addRegistryOptions(command).action((dir: string, url: string, options: PushOptions) =>
    run(options, async (interrupted) => {
      refuseSwapped(dir, url);
      const reference = parseTypedReference(url);
      const signal = deadline(interrupted, options.timeout, url);
      refuseDigest(reference);
      const bar = progressBar(terminal, 'pack');
      const onPacked = (received: number, size: number): void => bar.update({ digest: dir, received, size });
      const named = await packNamed(dir, reference, options, { signal, onPacked }).finally(() => bar.clear());
      try {
        await pushPacked(named, options, { terminal, signal });
      } finally {
        await named.packed.dispose();
      }
    }),
  );
}
