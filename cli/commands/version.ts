import type { Command } from 'commander';
import { VERSION } from '../../shared/version.ts';
import type { CommandContext } from '../command.ts';
import {
  addOutputOptions,
  type FormatOptions,
  OF_DOCUMENTS,
  wroteDocument,
} from '../options/output-options.ts';
import { writeLine } from '../terminal/terminal.ts';

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Prints the version of Landfall, and of what it runs on.')
    .addHelpText('after', '\nExample:\n  landfall version --json');
  addOutputOptions(command, 'print {version, node, platform}', OF_DOCUMENTS).action(
    (options: FormatOptions) =>
      run(options, async () => {
        const platform = `${process.platform}/${process.arch}`;
        const document = { version: VERSION, node: process.versions.node, platform };
        if (await wroteDocument(document, options, terminal)) return;
        writeLine(terminal.stdout, `landfall ${VERSION}, Node ${document.node}, ${platform}`);
      }),
  );
}
