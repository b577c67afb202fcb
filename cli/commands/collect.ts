import type { Command } from 'commander';
import { systemClock } from '../../shared/clock.ts';
import { LandfallError } from '../../shared/errors.ts';
import { COLLECT_LEAST_GRACE_MS } from '../../shared/limits.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import { loadConfiguration } from '../../shared/source/document.ts';
import type { CollectReport } from '../../shared/store/retention/collect.ts';
import { collect } from '../../shared/store/retention/collect.ts';
import type { CommandContext } from '../command.ts';
import { durationOption } from '../options/deadline.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { formatBytes, shortDigest } from '../terminal/table.ts';
import { type Terminal, writeJson, writeLine, writeMessage } from '../terminal/terminal.ts';

interface CollectCommandOptions extends StoreOptions {
  readonly grace: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
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

/** @throws LandfallError USAGE */
function graceOf({ grace, force = false, dryRun = false }: CollectCommandOptions): number {
  const graceMs = durationOption('--grace', grace);
  if (graceMs >= COLLECT_LEAST_GRACE_MS || force || dryRun) return graceMs;
  throw new LandfallError(
    'USAGE',
    `--grace ${grace} is under ${COLLECT_LEAST_GRACE_MS / 60_000}m: somebody may still be reading what nothing names any more`,
    { hint: 'Give it longer; or add --force where nothing else uses the store.' },
  );
}

/** A damaged document does not keep the rest from being collected, but somebody has to see to it. */
function writeUnreadable({ unreadable }: CollectReport, { stderr }: Terminal): void {
  for (const { code, message, hint } of unreadable) {
    writeMessage(stderr, `note: ${code}: ${message}; what was there when it broke is kept`);
    if (hint !== undefined) writeLine(stderr, `  next: ${hint}`);
  }
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Deletes artifacts that no status and no deploy names, and what interrupted runs left.')
    .option('--grace <duration>', 'what was used within it stays', '1h')
    .option('--dry-run', 'only say what would go')
    .option('--force', 'take a grace under 10 minutes, too')
    .option('--forget-but <paths...>', 'drop the statuses of sources that these documents do not name')
    .option('--json', 'print the report')
    .addHelpText('after', HELP);
  addStoreOption(command).action((options: CollectCommandOptions) =>
    run(options, async (signal) => {
      await using store = await openExistingStore(options);
      const forget = await forgetting(options.forgetBut);
      const dryRun = options.dryRun === true;
      const asked = { signal, graceMs: graceOf(options), dryRun, ...(forget && { forget }) };
      const report = await collect(store, asked, { clock: systemClock });
      writeUnreadable(report, terminal);
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
