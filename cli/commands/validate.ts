import type { Command } from 'commander';
import { loadConfiguration } from '../../shared/source/document.ts';
import type { Configuration } from '../../shared/source/source.ts';
import { formatSourceId } from '../../shared/store/layout.ts';
import type { CommandContext } from '../command.ts';
import { writeJson, writeLine } from '../terminal.ts';

const HELP = `
Reads files or folders as serve does, and reports every problem with its file, line and key. Nothing is contacted.

Examples:
  landfall validate sources.yaml
  landfall validate ./sources --json`;

const NO_SOURCE = '; no source is in these documents, so nothing would ever land';

const summaryOf = ({ sources, credentials, receivers, deploys, notices }: Configuration) => ({
  sources: sources.map(formatSourceId),
  credentials: credentials.length,
  receivers: receivers.map(({ name }) => name),
  deploys: deploys.map(({ name }) => name),
  notices,
});

export function add(program: Command, { terminal, run }: CommandContext): void {
  program
    .command('validate <paths...>')
    .summary('check source documents')
    .description('Checks source documents: files, or folders of them.')
    .option('--json', 'print what was read')
    .addHelpText('after', HELP)
    .action((paths: string[], options: { readonly json?: boolean }) =>
      run(options, async () => {
        const configuration = await loadConfiguration(paths);
        const summary = summaryOf(configuration);
        if (options.json === true) return writeJson(terminal.stdout, summary);
        for (const { place, message } of configuration.notices)
          writeLine(terminal.stderr, `${place}: note: ${message}`);
        const { sources, receivers, deploys, credentials } = summary;
        writeLine(
          terminal.stdout,
          `valid: ${sources.length} sources, ${credentials} credentials, ${receivers.length} receivers, ${deploys.length} deploys${sources.length === 0 ? NO_SOURCE : ''}`,
        );
      }),
    );
}
