import type { Command } from 'commander';
import type { Terminal } from './terminal/terminal.ts';

/** What ends a command: 0 done, 1 it failed, 2 usage or configuration. */
export type ExitCode = 0 | 1 | 2;

/** One command's options, help and action: `command` has its name, arguments and summary of the table of commands. */
export interface CommandModule {
  define(command: Command, context: CommandContext): void;
}

export interface CommandContext {
  readonly terminal: Terminal;
  /** Ends a command's action: turns what it throws into a message and an exit code. */
  run(
    options: { readonly json?: boolean },
    action: ((signal: AbortSignal) => Promise<void>) | ((signal: AbortSignal) => Promise<ExitCode>),
  ): Promise<void>;
}
