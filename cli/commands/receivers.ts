import type { Command } from 'commander';
import { openConfiguration } from '../../local/configured.ts';
import { systemClock } from '../../shared/clock.ts';
import { WatchedFiles } from '../../shared/credentials/watched-files.ts';
import { loadConfiguration } from '../../shared/source/document.ts';
import type { CommandContext } from '../command.ts';
import { SENDERS } from '../senders/senders.ts';
import { writeJson, writeLine } from '../terminal.ts';

interface ReceiversOptions {
  readonly file: readonly string[];
  readonly url: string;
  readonly json?: boolean;
}

const HELP = `
The path of a receiver is derived from its secret: show it only to the registry. It changes with the secret.

Example:
  landfall receivers -f sources.yaml --url https://landfall.example.org`;

export function add(program: Command, { terminal, run }: CommandContext): void {
  program
    .command('receivers')
    .summary('print the URL to give to each registry')
    .description('Prints the URL that each receiver answers at, and how the registry has to call it.')
    .requiredOption(
      '-f, --file <path>',
      'source document or folder; repeatable',
      (path, before: string[]) => [...before, path],
      [],
    )
    .option('--url <url>', 'where serve is reached from the registry', 'http://127.0.0.1:5080')
    .option('--json', 'print an array')
    .addHelpText('after', HELP)
    .action((options: ReceiversOptions) =>
      run(options, async () => {
        const configuration = await loadConfiguration(options.file);
        const secrets = { files: new WatchedFiles(systemClock), env: process.env };
        const { receivers } = await openConfiguration(configuration, { secrets, clock: systemClock });
        const documents = configuration.receivers.map(({ name, type, registry }, at) => ({
          name,
          type,
          registry,
          url: `${options.url.replace(/\/+$/, '')}${receivers[at]?.path}`,
        }));
        if (options.json === true) return writeJson(terminal.stdout, documents);
        for (const { name, type, registry, url } of documents) {
          writeLine(terminal.stdout, `${name} (${type}, ${registry})\n  ${url}\n  ${SENDERS[type].how}`);
        }
      }),
    );
}
