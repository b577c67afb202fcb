import type { Command } from 'commander';
import type { CommandContext } from '../command.ts';
import { addVerdict } from '../deploys/approval.ts';

export const define = (command: Command, context: CommandContext): void =>
  addVerdict(command, context, {
    decision: 'approved',
    description: 'Lets a deploy begin with the revision that it waits for an approval of.',
    example: 'landfall approve live --reason "seen on staging" --store ./store',
  });
