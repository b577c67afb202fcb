import type { Command } from 'commander';
import type { CommandContext } from '../command.ts';
import { addVerdict } from '../deploys/approval.ts';

export const add = (program: Command, context: CommandContext): void =>
  addVerdict(program, context, {
    verb: 'reject',
    decision: 'rejected',
    summary: 'keep a deploy from a revision that waits for an approval',
    description:
      'Keeps a deploy from the revision that it waits for an approval of; the next one asks again.',
    example: 'landfall reject live --reason "breaks the login" --store ./store',
  });
