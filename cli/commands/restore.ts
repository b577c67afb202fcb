import type { Command } from 'commander';
import { postRequest } from '../../local/request-inbox.ts';
import { makeStore, type OpenedStore, openStore } from '../../local/store/open-store.ts';
import { servedHere } from '../../local/store/state-folder.ts';
import { isS3Location } from '../../shared/aws/s3/location.ts';
import { systemClock } from '../../shared/clock.ts';
import { isLandfallError } from '../../shared/errors.ts';
import { copyEvents } from '../../shared/event/copy-events.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { type RestoreReport, restoreStore } from '../../shared/store/backup/restore.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface RestoreOptions extends StoreOptions {
  readonly json?: boolean;
}

const HELP = `
What the store has stays: only what it lacks, or cannot read, is brought back, and no source goes back to an earlier
generation. So a store that was lost is restored whole, and one that serve works on at the moment loses nothing.

Example:
  landfall restore /backups/landfall-2026-11-29 --store ./store`;

/** Whoever serves the store looks at what came back. */
async function askToLook(store: OpenedStore, { sources }: RestoreReport): Promise<void> {
  const served = await servedHere(store);
  if (served === undefined) return;
  for (const source of sources) await postRequest(served, source);
}

function write(
  { artifacts, sources, kept, deploys, problems }: RestoreReport,
  { stdout, stderr }: Terminal,
): void {
  writeLine(stdout, `restored ${sources.length} sources, ${deploys} deploys, ${artifacts} artifacts`);
  for (const source of kept) writeLine(stdout, `kept ${formatSourceId(source)}: the store has it, no older`);
  for (const problem of problems) writeLine(stderr, `note: the backup is not whole: ${problem}`);
}

/** @throws LandfallError as openStore, about the backup */
const openBackup = (directory: string): Promise<OpenedStore> =>
  openStore(directory).catch((error: unknown) => {
    throw isLandfallError(error) && error.code === 'USAGE'
      ? error.with({ hint: 'Name a folder that landfall backup made.' })
      : error;
  });

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Brings back from a backup what a store has lost, also while serve runs on it.')
    .option('--json', 'print {sources, kept, deploys, artifacts, problems}')
    .addHelpText('after', HELP);
  addStoreOption(command).action((directory: string, options: RestoreOptions) =>
    run(options, async (signal): Promise<ExitCode> => {
      await using backup = await openBackup(directory);
      if (!isS3Location(options.store)) await makeStore(options.store);
      await using store = await openExistingStore(options);
      const report = await restoreStore({ from: backup, to: store, clock: systemClock, signal });
      if (backup.kind === 'directory' && store.kind === 'directory')
        await copyEvents(backup.root, store.root);
      await askToLook(store, report);
      if (options.json === true) writeJson(terminal.stdout, report);
      else write(report, terminal);
      return report.problems.length === 0 ? 0 : 1;
    }),
  );
}
