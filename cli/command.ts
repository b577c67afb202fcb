import type { Command } from 'commander';
import type { Terminal } from './terminal/terminal.ts';

/** What ends a command: 0 done, 1 it failed, 2 usage or configuration. */
export type ExitCode = 0 | 1 | 2;

/** One command's options, help and action: `command` has its name, arguments and summary of the table of commands. */
interface CommandModule {
  define(command: Command, context: CommandContext): void;
}

type CommandGroup = 'Run' | 'Look' | 'Documents' | 'Registries' | 'Deploys' | 'Store' | 'Landfall';

/** What `--help` tells of a command. Its module is loaded where it is the one that was typed. */
export interface ListedCommand {
  /** Its name and its arguments. */
  readonly usage: string;
  readonly summary: string;
  /** The heading that it stands under. */
  readonly group: CommandGroup;
  readonly load: () => Promise<CommandModule>;
}

export interface CommandContext {
  readonly terminal: Terminal;
  /** Every command by its name. */
  readonly commands: Readonly<Record<string, ListedCommand>>;
  /** Ends a command's action: turns what it throws into a message and an exit code. */
  run(
    options: { readonly json?: boolean },
    action: ((signal: AbortSignal) => Promise<void>) | ((signal: AbortSignal) => Promise<ExitCode>),
  ): Promise<void>;
}
