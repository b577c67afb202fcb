import type { Command } from 'commander';
import { collectGarbage } from '../../functions/collect.ts';
import { systemClock } from '../../shared/clock.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import { loadConfiguration } from '../../shared/source/document.ts';
import type { CommandContext } from '../command.ts';
import { durationOption } from '../deadline.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../store-options.ts';
import { formatBytes, shortDigest } from '../terminal/table.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface CollectCommandOptions extends StoreOptions {
  readonly grace: string;
  readonly dryRun?: boolean;
  readonly forgetBut?: readonly string[];
  readonly json?: boolean;
}

const HELP = `
What a source's current revision or history names stays, and what a deploy has applied, and whatever was used within
the grace. It can run while serve does.

Examples:
  landfall collect --store ./store --dry-run
  landfall collect --store ./store --forget-but sources.yaml   # also drop sources no document names any more`;

async function forgetting(
  paths: readonly string[] | undefined,
): Promise<((id: SourceId) => boolean) | undefined> {
  if (paths === undefined) return undefined;
  const { sources } = await loadConfiguration(paths);
  const named = new Set(sources.map(formatSourceId));
  return (id) => !named.has(formatSourceId(id));
}

export function add(program: Command, { terminal, run }: CommandContext): void {
  const command = program
    .command('collect')
    .summary('delete artifacts that nothing names any more')
    .description('Deletes artifacts that no status and no deploy names, and what interrupted runs left.')
    .option('--grace <duration>', 'what was used within it stays', '1h')
    .option('--dry-run', 'only say what would go')
    .option('--forget-but <paths...>', 'drop the statuses of sources that these documents do not name')
    .option('--json', 'print the report')
    .addHelpText('after', HELP);
  addStoreOption(command).action((options: CollectCommandOptions) =>
    run(options, async (signal) => {
      await using store = await openExistingStore(options);
      const forget = await forgetting(options.forgetBut);
      const report = await collectGarbage(
        {
          signal,
          graceMs: durationOption('--grace', options.grace),
          dryRun: options.dryRun === true,
          ...(forget && { forget }),
        },
        { store, clock: systemClock },
      );
      if (options.json === true) return writeJson(terminal.stdout, report);
      const verb = report.dryRun ? 'would remove' : 'removed';
      for (const { digest, variant } of report.removed)
        writeLine(terminal.stdout, `${verb} ${shortDigest(digest)} ${variant}`);
      for (const id of report.forgotten)
        writeLine(terminal.stdout, `${report.dryRun ? 'would forget' : 'forgot'} ${formatSourceId(id)}`);
      writeLine(
        terminal.stdout,
        `${verb} ${report.removed.length} artifacts, ${formatBytes(report.bytes)}; kept ${report.kept}`,
      );
    }),
  );
}
