import type { Command } from 'commander';
import { deployDeps } from '../../local/deploys/start-deploys.ts';
import { storeOrigin } from '../../local/store/local-origin.ts';
import type { OpenedStore } from '../../local/store/open-store.ts';
import { systemClock } from '../../shared/clock.ts';
import { deployKinds } from '../../shared/deploy/kinds/deploy-kinds.ts';
import type { DeployPlan } from '../../shared/deploy/kit/plan.ts';
import { readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { readUsed } from '../../shared/deploy/used-sources.ts';
import { bucketLocationOf, directoryLocationOf } from '../../shared/deploy/visit/artifact-location.ts';
import { eventOfCurrent } from '../../shared/deploy/visit/current-event.ts';
import { deployerOf } from '../../shared/deploy/visit/deployer.ts';
import { planOf } from '../../shared/deploy/wait.ts';
import { isForSource } from '../../shared/deploy/wanted.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { Status } from '../../shared/model/status.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { meansDeploy } from '../../shared/source/deploys/deploy-members.ts';
import { nearest } from '../../shared/source/nearest.ts';
import { listSources, readStatus } from '../../shared/store/status-store.ts';
import type { CommandContext } from '../command.ts';
import { namedDeploys } from '../deploys/named-deploys.ts';
import { machineSecrets } from '../machine-secrets.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface DeployOptions extends StoreOptions {
  readonly dryRun?: boolean;
  readonly file: readonly string[];
  readonly json?: boolean;
}

const HELP = `
Nothing is written, neither at the target nor in the store. To have a deploy run, push something, or: landfall replay

Example:
  landfall deploy live --dry-run -f sources.yaml --store ./store`;

/** @throws LandfallError USAGE, DEPLOY_NOT_FOUND */
async function requireEntries(
  name: string,
  { dryRun, file }: DeployOptions,
  signal: AbortSignal,
): Promise<readonly DeployEntry[]> {
  if (dryRun !== true)
    throw new LandfallError('USAGE', 'deploy only plans: --dry-run is missing', {
      hint: `To have it run: landfall replay SOURCE --deploy ${name}`,
    });
  if (file.length === 0)
    throw new LandfallError('USAGE', `the document of deploy ${name} is needed`, {
      hint: 'Add -f sources.yaml',
    });
  const deploys = await namedDeploys(name, file, signal);
  const entries = deploys.filter((each) => meansDeploy(name, each.name));
  if (entries.length > 0) return entries;
  const names = deploys.map((each) => each.name);
  const meant = nearest(name, names);
  throw new LandfallError(
    'DEPLOY_NOT_FOUND',
    `there is no deploy ${JSON.stringify(name)} in these documents`,
    {
      hint: meant === undefined ? `There are: ${names.join(', ') || 'none'}` : `Did you mean ${meant}?`,
    },
  );
}

/** Of each source that the deploy is for and that has landed something. */
async function statusesFor(
  entry: DeployEntry,
  store: OpenedStore,
  signal: AbortSignal,
): Promise<readonly Status[]> {
  const statuses: Status[] = [];
  const ids: SourceId[] = [];
  for await (const id of listSources(store.objects, { signal })) if (isForSource(entry, id)) ids.push(id);
  for (const id of ids) {
    const status = (await readStatus(store.objects, id, { signal }))?.status;
    if (status?.current) statuses.push(status);
  }
  if (statuses.length > 0) return statuses;
  throw new LandfallError(
    'ARTIFACT_NOT_FOUND',
    `${entry.source}, which deploy ${entry.name} is for, has landed nothing`,
    {
      hint: 'Land it first: landfall reconcile SOURCE',
    },
  );
}

async function planFor(
  entry: DeployEntry,
  status: Status,
  store: OpenedStore,
  signal: AbortSignal,
): Promise<DeployPlan & { readonly deploy: string; readonly source: string; readonly revision: string }> {
  const { current } = status;
  const origin = storeOrigin(store);
  const bus = { emit: async () => undefined };
  const event = await eventOfCurrent(status, { ...origin, trigger: 'request' }, store, { signal });
  const source = formatSourceId(status);
  if (current === null || event === undefined)
    throw new LandfallError('ARTIFACT_NOT_FOUND', `the artifact of ${source} is no longer in the store`);
  const deps = deployDeps({
    store,
    locationOf:
      store.kind === 'directory' ? directoryLocationOf(store.root) : bucketLocationOf(store.location),
    bus,
    origin,
    clock: systemClock,
    secrets: machineSecrets(),
  });
  const { ledger } = await readLedger(store.objects, entry.name, status, { signal });
  const deployer = deployerOf(deployKinds(), entry);
  const { uses } = await readUsed(entry, store.objects, { signal });
  const wanted = { ...current, uses };
  const plan = await planOf({ deploy: entry, deployer, event, signal }, { current: wanted, ledger }, deps);
  return { deploy: entry.name, source, revision: current.revision, ...plan };
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Says what a deploy would do with what is current of its sources.')
    .option('--dry-run', 'required: nothing is done')
    .option(
      '-f, --file <path>',
      'source document or folder; repeatable',
      (path, before: string[]) => [...before, path],
      [],
    )
    .option('--json', 'print the plans')
    .addHelpText('after', HELP);
  addStoreOption(command).action((name: string, options: DeployOptions) =>
    run(options, async (signal) => {
      const entries = await requireEntries(name, options, signal);
      await using store = await openExistingStore(options);
      const plans = [];
      for (const entry of entries)
        for (const status of await statusesFor(entry, store, signal))
          plans.push(await planFor(entry, status, store, signal));
      if (options.json === true) return writeJson(terminal.stdout, plans);
      for (const { deploy, source, revision, changes, summary } of plans) {
        writeLine(terminal.stdout, `${deploy} of ${source}, ${revision}: ${summary}`);
        for (const { action, what, why } of changes)
          writeLine(terminal.stdout, `  ${action.padEnd(8)}${what}${why === undefined ? '' : `: ${why}`}`);
      }
    }),
  );
}
