import type { Command } from 'commander';
import { asLandfallError, LandfallError } from '../../shared/errors.ts';
import { mapOf } from '../../shared/kernel/each-of.ts';
import { LIST_CONCURRENCY } from '../../shared/limits.ts';
import { readOutline } from '../../shared/oci/manifest-outline.ts';
import { formatRepository, type Repository } from '../../shared/oci/reference.ts';
import { isReferrerTag } from '../../shared/oci/referrer.ts';
import type { RegistryReader } from '../../shared/registry/client.ts';
import { tagPolicy } from '../../shared/resolve/tag-policy.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { deadline } from '../options/deadline.ts';
import { writeTable } from '../options/output-options.ts';
import { addRefOptions, parseTarget, type RefOptions } from '../options/ref-options.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { shortDigest } from '../terminal/table.ts';
import { type Terminal, writeJson, writeLine, writeMessage } from '../terminal/terminal.ts';

interface ListOptions extends RefOptions, RegistryOptions {
  readonly limit: string;
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
One request for each tag that is shown, the newest version first where tags are versions; tags of signatures are left out.
The names alone cost one request for all: landfall tags URL

Examples:
  landfall list oci://ghcr.io/stefanprodan/manifests/podinfo
  landfall list oci://registry.example/team/app --semver "1.x" --limit 5`;

/** A tag with what its manifest says; what is not there is null. */
interface ListedTag {
  readonly tag: string;
  readonly digest: string | null;
  readonly created: string | null;
  readonly revision: string | null;
  readonly source: string | null;
  readonly artifactType: string | null;
  readonly error?: { readonly code: string; readonly message: string };
}

const ANNOTATION = 'org.opencontainers.image.';

async function listTag(
  repository: Repository,
  tag: string,
  { registry, signal }: { readonly registry: RegistryReader; readonly signal: AbortSignal },
): Promise<ListedTag> {
  const none = { digest: null, created: null, revision: null, source: null, artifactType: null };
  try {
    const { bytes, digest, contentType } = await registry.manifest(repository, tag, { signal });
    const { annotations = {}, artifactType = null } = readOutline(bytes, contentType) ?? {};
    const annotation = (name: string): string | null => annotations[ANNOTATION + name] ?? null;
    const [created, revision, source] = [annotation('created'), annotation('revision'), annotation('source')];
    return { tag, digest, created, revision, source, artifactType };
  } catch (cause) {
    // One tag that was deleted meanwhile, or is refused, hides no other.
    const { code, message } = asLandfallError(cause);
    if (signal.aborted) throw cause;
    return { tag, ...none, error: { code, message } };
  }
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new LandfallError('USAGE', `--limit ${JSON.stringify(text)} is not a number from 1 on`);
}

/** As the ref options rank them; else versions, the highest first, before the other names, the last first. */
function ranked(tags: readonly string[], options: RefOptions, ref: ReturnType<typeof parseTarget>['ref']) {
  const chooses = [options.semver, options.filter, options.order, options.extract].some(
    (each) => each !== undefined,
  );
  if (chooses) return tagPolicy(ref)(tags).tags;
  const plain = tags.filter((tag) => !isReferrerTag(tag));
  const versions = tagPolicy({ semver: '>=0.0.0-0' })(plain).tags;
  const rest = plain.filter((tag) => !versions.includes(tag));
  return [...versions, ...rest.toSorted().toReversed()];
}

const COLUMNS = ['tag', 'digest', 'created', 'revision'].map((title) => ({ title }));

function tell(listed: readonly ListedTag[], { stdout, stderr }: Terminal): void {
  if (listed.length > 0) {
    const rows = listed.map(({ tag, digest, created, revision, error }) => [
      tag,
      digest === null ? '-' : shortDigest(digest),
      created?.replace(/T.*$/, '') ?? '-',
      error?.code ?? revision ?? '-',
    ]);
    writeTable({ columns: COLUMNS, rows }, stdout);
  }
  for (const { tag, error } of listed)
    if (error) writeMessage(stderr, `${tag}: ${error.code}: ${error.message}`);
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Lists the tags of a repository with digest, date and revision.')
    .option('--limit <n>', 'how many at most', '50')
    .option('--timeout <duration>', 'for everything', '2m')
    .option('--json', 'print {url, tags: [{tag, digest, created, revision, source, artifactType}], listed}')
    .addHelpText('after', HELP);
  for (const addOptions of [addRefOptions, addRegistryOptions]) addOptions(command);
  command.action((url: string, options: ListOptions) =>
    run(options, async (interrupted): Promise<ExitCode> => {
      const limit = parseLimit(options.limit);
      const { reference, ref } = parseTarget(url, options);
      if (reference.selector.kind !== 'none')
        throw new LandfallError('USAGE', `${url} names one artifact; list is for a repository`, {
          hint: 'Leave the tag or digest out, or see: landfall inspect',
        });
      await using registry = openRegistry(options);
      const deps = { registry: registry.client, signal: deadline(interrupted, options.timeout, url) };
      const all = await deps.registry.tags(reference, deps);
      const tags = ranked(all, options, ref);
      const fanOut = { limit: LIST_CONCURRENCY, signal: deps.signal };
      const listed = await mapOf(tags.slice(0, limit), fanOut, (tag) => listTag(reference, tag, deps));
      if (options.json === true)
        writeJson(terminal.stdout, { url: formatRepository(reference), tags: listed, listed: all.length });
      else tell(listed, terminal);
      if (tags.length > limit)
        writeLine(terminal.stderr, `${tags.length - limit} more tags; --limit ${tags.length} shows all`);
      return listed.some(({ error }) => error) ? 1 : 0;
    }),
  );
}
