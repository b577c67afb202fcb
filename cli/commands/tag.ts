import type { Command } from 'commander';
import { contentNamedBy } from '../../shared/copy/content-named.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatRepository, isTag } from '../../shared/oci/reference.ts';
import { correctedReference } from '../../shared/oci/typed-reference.ts';
import { resolve } from '../../shared/resolve/resolve.ts';
import { shellWord } from '../../shared/shell-word.ts';
import type { CommandContext } from '../command.ts';
import { deadline } from '../options/deadline.ts';
import { addRefOptions, parseTarget, type RefOptions } from '../options/ref-options.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface TagOptions extends RefOptions, RegistryOptions {
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
Nothing is pulled or sent but the manifest, so the digest stays what it is.

Examples:
  landfall tag oci://registry.example/team/app:1.4.0 stable
  landfall tag oci://registry.example/team/app@sha256:… production latest
  landfall tag oci://registry.example/team/app --semver "1.x" stable`;

/**
 * As `ln` and `git tag` have the new name first.
 * @throws LandfallError USAGE with the line as it should be
 */
function refuseSwapped(first: string, rest: readonly string[]): void {
  const [last = ''] = rest.slice(-1);
  const reference = correctedReference(last);
  const names = [first, ...rest.slice(0, -1)];
  if (reference === undefined || !names.every(isTag)) return;
  throw new LandfallError(
    'USAGE',
    'the arguments are the other way round: the URL comes first, then the tags',
    {
      hint: `Write: landfall tag ${[reference, ...names].map(shellWord).join(' ')}`,
    },
  );
}

function requireTags(tags: readonly string[]): void {
  const bad = tags.find((tag) => !isTag(tag));
  if (bad === undefined) return;
  throw new LandfallError(
    'USAGE',
    `${JSON.stringify(bad.slice(0, 160))} is no tag: 1 to 128 of [A-Za-z0-9._-]`,
    bad.includes('/') ? { hint: 'A tag stays in its repository; for another one: landfall copy' } : {},
  );
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Gives an artifact more tags, in the registry alone.')
    .option('--timeout <duration>', 'for everything', '60s')
    .option('--json', 'print {url, tags, digest}')
    .addHelpText('after', HELP);
  for (const addOptions of [addRefOptions, addRegistryOptions]) addOptions(command);
  command.action((url: string, tags: readonly string[], options: TagOptions) =>
    run(options, async (interrupted) => {
      refuseSwapped(url, tags);
      requireTags(tags);
      const { reference, ref } = parseTarget(url, options);
      const signal = deadline(interrupted, options.timeout, url);
      await using registry = openRegistry(options);
      const { client } = registry;
      const { digest } = await resolve({ repository: reference, ref }, { registry: client, signal });
      const { bytes, contentType } = await client.manifest(reference, digest, { signal });
      const { mediaType } = contentNamedBy(bytes, digest, contentType);
      for (const tag of new Set(tags))
        await client.pushManifest(reference, tag, mediaType, bytes, { signal });
      const repository = formatRepository(reference);
      if (options.json === true)
        return writeJson(terminal.stdout, { url: repository, tags: [...new Set(tags)], digest });
      for (const tag of new Set(tags)) writeLine(terminal.stdout, `${repository}:${tag}@${digest}`);
    }),
  );
}
