import type { Command } from 'commander';
import type { CommandContext } from '../command.ts';
import { addEventsCommand } from '../lists/get-events.ts';

/** The same as `get events`, as it is asked for most. */
export const define = (command: Command, context: CommandContext): void =>
  addEventsCommand(command, 'events', context);
