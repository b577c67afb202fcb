import type { Command } from 'commander';
import { LandfallError } from '../../shared/errors.ts';
import type { CommandContext } from '../command.ts';
import { registryHelp } from '../options/registry-options.ts';
import { helpWidth, wrapHelp } from '../terminal/help.ts';
import { columnsOf } from '../terminal/terminal.ts';

/** Of pages beside those of the commands, which each command writes itself. */
export function define(command: Command, { terminal, run }: CommandContext): void {
  command.description('Explains a command; registry: the options of every command that talks to a registry.');
  command.action((page: string) =>
    run({}, async () => {
      if (page !== 'registry')
        throw new LandfallError('USAGE', `there is no command ${JSON.stringify(page)}`, {
          hint: 'See: landfall --help',
        });
      const width = helpWidth(columnsOf(terminal.stdout));
      terminal.stdout.write(wrapHelp(registryHelp(width), width));
    }),
  );
}
