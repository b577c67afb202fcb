import type { Command } from 'commander';
import { postRequest } from '../../local/request-inbox.ts';
import { bucketOrigin, localOrigin } from '../../local/store/local-origin.ts';
import type { BucketStore, FolderStore } from '../../local/store/open-store.ts';
import { machineFolderOf, servedHere } from '../../local/store/state-folder.ts';
import { machineTrust } from '../../local/trust/machine-trust.ts';
import { systemClock } from '../../shared/clock.ts';
import { LandfallError } from '../../shared/errors.ts';
import { EventLog } from '../../shared/event/event-log.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { Revision } from '../../shared/model/status.ts';
import { type RollbackInput, rollback } from '../../shared/reconcile/rollback.ts';
import { policiesOf, verifyRevision } from '../../shared/reconcile/verify-revision.ts';
import { isServing } from '../../shared/store/directory/serve-lock.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import type { CommandContext } from '../command.ts';
import { addPolicyOption, type PolicyOptions, requirePolicies } from '../options/policy-options.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { addSaidOptions, type SaidOptions, saidIn } from '../options/said-options.ts';
import type { StoreOptions } from '../options/store-options.ts';
import { addSourceCommand } from '../source-command.ts';
import { findSource, sourceIn } from '../source-documents.ts';
import { type Terminal, writeLine } from '../terminal/terminal.ts';

interface RollbackOptions extends StoreOptions, SaidOptions, RegistryOptions, PolicyOptions {
  readonly file: readonly string[];
  readonly to: string;
  readonly skip?: boolean;
}

const HELP = `
The earlier revision becomes current as a new generation, with an event like any other, and the source is suspended
so that the next poll does not undo it. Nothing is fetched. landfall resume follows the registry again. Where the source
wants signatures, the revision has to have been verified under its policy of now; with -f it is verified here.

With --skip the source is followed on: what was current is left out until the registry has something else, which lands.

Examples:
  landfall history web/site
  landfall rollback web/site --to 1.4.2
  landfall rollback web/site --to 1.4.2 --skip --reason "1.4.3 breaks the login"`;

type Verify = NonNullable<Parameters<typeof rollback>[1]['verify']>;

interface Given {
  readonly verify?: Verify;
  readonly signal: AbortSignal;
}

/** Verifies a revision as the source's document, and the installation, want it. */
const verifierOf =
  (
    input: RollbackInput,
    options: RollbackOptions,
    {
      terminal,
      objects,
      signal,
    }: { readonly terminal: Terminal; readonly objects: ObjectStore; readonly signal: AbortSignal },
  ): Verify =>
  async (revision) => {
    const { configuration, source } = await findSource(input, options, terminal);
    if (source === undefined)
      throw new LandfallError(
        'USAGE',
        `source ${formatSourceId(input)} is not in the documents given with -f`,
      );
    const trust = machineTrust(process.env, systemClock, objects);
    if (source.composed !== undefined) {
      const { verifyComposed } = await import('../../shared/reconcile/composed.ts');
      const deps = { store: { objects }, sourceOf: sourceIn(configuration), trust };
      return verifyComposed({ source, revision }, deps, { signal });
    }
    const policies = await policiesOf(source, { signal, trust });
    await using registry = openRegistry(options, configuration.credentials);
    return await verifyRevision({ source, policies, signal }, revision.digest, registry.client);
  };

async function rollBackHere(input: RollbackInput, store: FolderStore, given: Given): Promise<Revision> {
  const isServed = await isServing(store.root);
  const log = new EventLog(store.root);
  try {
    const bus = isServed ? undefined : log;
    const origin = localOrigin(store.root);
    const revision = await rollback(input, { store, bus, clock: systemClock, origin, ...given });
    if (isServed) await postRequest(store.root, input);
    return revision;
  } finally {
    await log.close();
  }
}

/** Only who follows the bucket tells of it: the outbox is sent by the next reconcile of the source, at once where that is a serve here. */
async function rollBackDeployed(input: RollbackInput, store: BucketStore, given: Given): Promise<Revision> {
  const origin = bucketOrigin(store);
  const revision = await rollback(input, { store, bus: undefined, clock: systemClock, origin, ...given });
  const served = await servedHere(store);
  if (served !== undefined) await postRequest(served, input);
  return revision;
}

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      'Makes a revision of the history current again, and suspends the source or skips the bad one.',
    )
    .requiredOption(
      '--to <revision>',
      'a tag, a digest, the start of its hex, or <tag>@<digest> of the history',
    )
    .option('--skip', 'follow the source on, without what was current')
    .option(
      '-f, --file <path>',
      'the documents of the source, to verify the revision by; repeatable',
      (path: string, before: readonly string[]) => [...before, path],
      [],
    )
    .addHelpText('after', HELP);
  for (const addOptions of [addPolicyOption, addRegistryOptions]) addOptions(command);
  const { terminal } = context;
  addSourceCommand<RollbackOptions, Revision & { readonly skips: boolean }>(
    addSaidOptions(command),
    context,
    {
      json: 'print the revision that is current now',
      work: async (store, { source, options, signal }) => {
        const { to, skip = false } = options;
        const input = { ...source, to, skip, said: saidIn(options) };
        if (options.file.length > 0) await requirePolicies(machineFolderOf(store), options);
        const given: Given = {
          signal,
          ...(options.file.length > 0 && {
            verify: verifierOf(input, options, { terminal, objects: store.objects, signal }),
          }),
        };
        const revision =
          store.kind === 's3'
            ? await rollBackDeployed(input, store, given)
            : await rollBackHere(input, store, given);
        return { ...revision, skips: skip };
      },
      write: ({ revision, generation, skips }, { stdout, stderr }, source) => {
        const then = skips ? 'what was current is skipped until something newer comes' : 'and suspended';
        writeLine(stdout, `${source} is at ${revision}, generation ${generation}, ${then}`);
        const next = skips ? 'to have it after all' : 'follow the registry again with';
        writeLine(stderr, `${next}: landfall resume ${source}`);
      },
    },
  );
}
