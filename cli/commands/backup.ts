import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { errnoOf, isLandfallError, LandfallError } from '../../shared/errors.ts';
import { copyEvents } from '../../shared/event/copy-events.ts';
import { type BackupReport, backupStore } from '../../shared/store/backup/backup.ts';
import { openDirectoryStore } from '../../shared/store/directory/directory-store.ts';
import { guarded } from '../../shared/store/directory/filesystem-error.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface BackupOptions extends StoreOptions {
  readonly json?: boolean;
}

const HELP = `
The folder appears when all is copied, each file held to its commit record; it is a store, which landfall fsck proves and
landfall restore brings back. Whoever works on the store goes on.

Examples:
  landfall backup "/backups/landfall-$(date +%F)" --store ./store
  landfall backup ./copy --store s3://my-landfall-store`;

/** @throws LandfallError USAGE */
async function requireParent(parent: string): Promise<void> {
  const missing = await stat(parent).catch((error: unknown) => errnoOf(error) === 'ENOENT');
  if (missing !== true) return;
  throw new LandfallError('USAGE', `${parent} is not there`, { hint: `Make it first: mkdir -p ${parent}` });
}

/** What is read fills no disk: it is that of the backup. */
const ofBackup = (error: unknown, folder: string): unknown =>
  isLandfallError(error) && error.code === 'STORE_FULL'
    ? error.with({ hint: `Free space on the disk of ${dirname(folder)}, or name a folder on another one.` })
    : error;

/** @throws LandfallError USAGE */
async function requireRoom(folder: string, root: string | undefined): Promise<void> {
  if (root !== undefined && `${folder}${sep}`.startsWith(`${root}${sep}`))
    throw new LandfallError('USAGE', `${folder} is in the store that it is to save`, {
      hint: 'Name a folder elsewhere, best on another disk.',
    });
  const entries = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw new LandfallError(
      'USAGE',
      `${folder} cannot be a folder for a backup: ${errnoOf(error) ?? String(error)}`,
    );
  });
  if (entries.length === 0) return requireParent(dirname(folder));
  throw new LandfallError('USAGE', `${folder} is there, and holds ${entries.length} entries`, {
    hint: 'Name a folder that is not there yet, e.g. with the day in its name.',
  });
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Copies a store into a folder, also while serve runs on it.')
    .option('--json', 'print {sources, deploys, artifacts, problems}')
    .addHelpText('after', HELP);
  addStoreOption(command).action((directory: string, options: BackupOptions) =>
    run(options, async (signal): Promise<ExitCode> => {
      const folder = resolve(directory);
      await using store = await openExistingStore(options);
      await requireRoom(folder, store.kind === 'directory' ? store.root : undefined);
      const begun = await guarded(`make a folder beside ${folder}`, () =>
        mkdtemp(join(dirname(folder), `.${basename(folder)}-`)),
      );
      let report: BackupReport;
      try {
        const to = await openDirectoryStore(begun);
        report = await backupStore({ from: store, to, signal });
        if (store.kind === 'directory') await copyEvents(store.root, begun);
        await guarded(`move the backup to ${folder}`, () => rename(begun, folder));
      } catch (error) {
        throw ofBackup(error, folder);
      } finally {
        await rm(begun, { recursive: true, force: true });
      }
      if (options.json === true) writeJson(terminal.stdout, report);
      else {
        const { sources, deploys, artifacts, problems } = report;
        writeLine(
          terminal.stdout,
          `${sources} sources, ${deploys} deploys, ${artifacts} artifacts in ${directory}`,
        );
        for (const problem of problems) writeLine(terminal.stderr, `note: not copied: ${problem}`);
      }
      return report.problems.length === 0 ? 0 : 1;
    }),
  );
}
