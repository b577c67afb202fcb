import type { Command } from 'commander';
import { LandfallError } from '../../shared/errors.ts';
import { formatRepository } from '../../shared/oci/reference.ts';
import { isReferrerTag } from '../../shared/oci/referrer.ts';
import { noTagMatches } from '../../shared/resolve/no-tag-matches.ts';
import type { Ref } from '../../shared/resolve/ref.ts';
import { type Ranking, tagPolicy } from '../../shared/resolve/tag-policy.ts';
import type { CommandContext } from '../command.ts';
import { deadline } from '../options/deadline.ts';
import { addRefOptions, parseTarget, type RefOptions } from '../options/ref-options.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface TagsOptions extends RefOptions, RegistryOptions {
  readonly all?: boolean;
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
Without options every tag, as the registry lists them, but those of signatures and referrers (sha256-<hex>…), which no
range or order ever chooses. With --semver, --filter or --order only those that qualify,
best first: the first is what a source with the same ref would land.

Examples:
  landfall tags oci://ghcr.io/stefanprodan/manifests/podinfo
  landfall tags oci://ghcr.io/stefanprodan/manifests/podinfo --semver "^6.1"`;

/** An empty list is an answer, and says nothing of which part of the ref made it so. */
function writeWhyNone(ref: Ref, ranking: Ranking, { stderr }: Terminal): void {
  const { message, hint = '' } = noTagMatches(ref, ranking);
  writeLine(stderr, message);
  writeLine(stderr, `  next: ${hint}`);
}

const leftOut = (tags: readonly string[], listed: readonly string[], isRanked: boolean): string =>
  isRanked
    ? `${tags.length} of ${listed.length} tags qualify`
    : `${listed.length - tags.length} tags of signatures and referrers left out (--all lists them)`;

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Lists the tags of oci://host/repository over all pages.')
    .option('--all', 'list the tags of signatures and referrers too')
    .option('--timeout <duration>', 'for everything', '60s')
    .option('--json', 'print {url, tags, listed}')
    .addHelpText('after', HELP);
  for (const addOptions of [addRefOptions, addRegistryOptions]) addOptions(command);
  command.action((url: string, options: TagsOptions) =>
    run(options, async (signal) => {
      const { reference, ref } = parseTarget(url, options);
      const isRanked = [ref.semver, ref.filter, ref.order, ref.extract].some((each) => each !== undefined);
      if (isRanked && options.all === true)
        throw new LandfallError(
          'USAGE',
          '--all is for the whole list; no range or order chooses a tag of a signature',
        );
      const policy = isRanked ? tagPolicy(ref) : undefined;
      await using registry = openRegistry(options);
      const listed = await registry.client.tags(reference, {
        signal: deadline(signal, options.timeout, url),
      });
      const ranking = policy?.(listed);
      const tags =
        ranking?.tags ?? (options.all === true ? listed : listed.filter((tag) => !isReferrerTag(tag)));
      if (options.json === true) {
        return writeJson(terminal.stdout, { url: formatRepository(reference), tags, listed: listed.length });
      }
      for (const tag of tags) writeLine(terminal.stdout, tag);
      if (tags.length < listed.length) writeLine(terminal.stderr, leftOut(tags, listed, isRanked));
      if (ranking !== undefined && tags.length === 0) writeWhyNone(ref, ranking, terminal);
    }),
  );
}
