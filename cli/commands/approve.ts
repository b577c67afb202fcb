import type { Command } from 'commander';
import type { CommandContext } from '../command.ts';
import { addVerdict } from '../deploys/approval.ts';

export const add = (program: Command, context: CommandContext): void =>
  addVerdict(program, context, {
    verb: 'approve',
    decision: 'approved',
    summary: 'let a deploy begin that waits for an approval',
    description: 'Lets a deploy begin with the revision that it waits for an approval of.',
    example: 'landfall approve live --reason "seen on staging" --store ./store',
  });
