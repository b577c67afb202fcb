import type { Command } from 'commander';
import { type Copied, copyArtifact } from '../../shared/copy/copy.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatRepository, isTag, type Reference } from '../../shared/oci/reference.ts';
import { formatRevision } from '../../shared/oci/revision.ts';
import { parseTypedReference } from '../../shared/oci/typed-reference.ts';
import { resolve } from '../../shared/resolve/resolve.ts';
import type { CommandContext } from '../command.ts';
import { deadline } from '../options/deadline.ts';
import { addRefOptions, parseTarget, type RefOptions } from '../options/ref-options.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { repeat } from '../options/repeated-option.ts';
import { progressBar } from '../terminal/progress.ts';
import { formatBytes, shortDigest } from '../terminal/table.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface CopyOptions extends RefOptions, RegistryOptions {
  readonly tag: readonly string[];
  readonly referrers: boolean;
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
Copies byte for byte, so the digest stays what it is, and with it every signature. What is there is not sent again; in
one registry blobs are mounted, not sent. Signatures and all else that refers to the artifact go along, and the tag comes last.
Without a tag in <to> it gets the one it had.

Examples:
  landfall copy oci://ghcr.io/stefanprodan/manifests/podinfo:6.5.0 oci://registry.example/mirror/podinfo
  landfall copy oci://registry.example/staging/app --semver "1.x" oci://registry.example/production/app --tag stable`;

/** @throws LandfallError USAGE, REFERENCE_INVALID */
function tagsFor(
  { selector }: Reference,
  more: readonly string[],
  own: string | undefined,
): readonly string[] {
  if (selector.kind === 'digest' || selector.kind === 'tag+digest')
    throw new LandfallError('USAGE', 'a copy keeps its digest; <to> can name a tag only');
  const bad = more.find((tag) => !isTag(tag));
  if (bad !== undefined)
    throw new LandfallError(
      'REFERENCE_INVALID',
      `tag ${JSON.stringify(bad.slice(0, 160))} is not 1 to 128 of [A-Za-z0-9._-]`,
    );
  const named = [...(selector.kind === 'tag' ? [selector.tag] : []), ...more];
  return named.length > 0 || own === undefined ? [...new Set(named)] : [own];
}

function tell({ manifests, referrers, blobs, bytes }: Copied, { stderr }: Terminal): void {
  const parts = [
    `${manifests} manifests (${referrers} of them refer to it)`,
    `${blobs.sent} blobs sent (${formatBytes(bytes)})`,
    `${blobs.mounted} mounted`,
    `${blobs.exists} there`,
  ];
  writeLine(stderr, parts.join(', '));
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Copies an artifact, with what refers to it, from one repository to another.')
    .option('--tag <tag>', 'another tag for it; repeatable', repeat, [])
    .option('--no-referrers', 'leave signatures and other referrers behind')
    .option('--timeout <duration>', 'for everything', '30m')
    .option('--json', 'print {from, url, revision, tag, tags, digest, manifests, referrers, blobs, bytes}')
    .addHelpText('after', HELP);
  for (const addOptions of [addRefOptions, addRegistryOptions]) addOptions(command);
  command.action((from: string, to: string, options: CopyOptions) =>
    run(options, async (interrupted) => {
      const source = parseTarget(from, options);
      const target = parseTypedReference(to);
      tagsFor(target, options.tag, undefined);
      const signal = deadline(interrupted, options.timeout, from);
      await using registry = openRegistry(options);
      const { client } = registry;
      const { tag: own, digest } = await resolve(
        { repository: source.reference, ref: source.ref },
        { registry: client, signal },
      );
      const tags = tagsFor(target, options.tag, own);
      const bar = progressBar(terminal, 'copy');
      const copied = await copyArtifact(
        { from: source.reference, to: target, digest, tags, referrers: options.referrers },
        {
          registry: client,
          signal,
          onSent: ({ digest: of, sent, size }) => bar.update({ digest: of, received: sent, size }),
          onBlob: ({ digest: of, size, outcome }) => {
            bar.clear();
            writeLine(terminal.stderr, `${outcome.padEnd(7)} ${shortDigest(of)} (${formatBytes(size)})`);
          },
        },
      ).finally(() => bar.clear());
      tell(copied, terminal);
      const url = formatRepository(target);
      const [tag] = tags;
      if (options.json === true)
        return writeJson(terminal.stdout, {
          from: `${formatRepository(source.reference)}@${digest}`,
          url,
          revision: formatRevision(tag, digest),
          tag: tag ?? null,
          tags,
          digest,
          ...copied,
        });
      if (tag === undefined) writeLine(terminal.stdout, `${url}@${digest}`);
      for (const each of tags) writeLine(terminal.stdout, `${url}:${each}@${digest}`);
    }),
  );
}
