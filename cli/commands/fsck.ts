import type { Command } from 'commander';
import { checkBeside } from '../../local/fsck-folder.ts';
import { fsck } from '../../shared/store/fsck/fsck.ts';
import { DEPLOY_DOCUMENTS } from '../checked-documents.ts';
import type { CommandContext } from '../command.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../store-options.ts';
import { formatBytes } from '../terminal/table.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface FsckOptions extends StoreOptions {
  readonly repair?: boolean;
  readonly json?: boolean;
}

const HELP = `
Reads every file of every committed artifact and compares its size and sha256 with the commit record; then checks
that every status names only committed artifacts, and reads the ledgers of deploys, the lists of sites, the log of
events and the inbox. Exits 1 when something is not as it should be.

With --repair broken artifacts are removed, and the next reconcile lands again what a status names, its history too.
What else is wrong stays for a person, and then the exit code is 1 all the same.

Example:
  landfall fsck --store ./store --repair`;

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Verifies every artifact and status of a store.')
    .option('--repair', 'remove what is broken, so that it is landed again')
    .option('--json', 'print the report')
    .addHelpText('after', HELP);
  addStoreOption(command).action((options: FsckOptions) =>
    run(options, async (signal) => {
      await using store = await openExistingStore(options);
      const isTerminal = terminal.stderr.isTTY === true;
      const report = await fsck(store, {
        signal,
        repair: options.repair === true,
        documents: DEPLOY_DOCUMENTS,
        ...(store.kind === 'directory' && { beside: () => checkBeside(store.root) }),
        onProgress: ({ artifacts, files, bytes }) => {
          if (isTerminal)
            terminal.stderr.write(
              `\r\u001b[2Kfsck: ${artifacts} artifacts, ${files} files, ${formatBytes(bytes)}`,
            );
        },
      });
      if (isTerminal) terminal.stderr.write('\r\u001b[2K');
      const exitCode = report.ok || (options.repair === true && report.forPerson === 0) ? 0 : 1;
      if (options.json === true) {
        writeJson(terminal.stdout, report);
        return exitCode;
      }
      for (const { kind, key, wanted, got, hint } of report.problems) {
        writeLine(terminal.stdout, `${kind}: ${key}: wanted ${wanted}, got ${got}`);
        writeLine(terminal.stdout, `  next: ${hint}`);
      }
      const { artifacts, files, bytes, sources, problemsTotal, repaired } = report;
      writeLine(
        terminal.stdout,
        `${artifacts} artifacts, ${files} files, ${formatBytes(bytes)}, ${sources} sources: ${problemsTotal} problems`,
      );
      if (options.repair === true && !report.ok)
        writeLine(
          terminal.stdout,
          `${repaired.length} artifacts removed; the next reconcile lands again, by digest, what a status names and the registry still has`,
        );
      return exitCode;
    }),
  );
}
