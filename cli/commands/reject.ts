import type { Command } from 'commander';
import type { CommandContext } from '../command.ts';
import { addVerdict } from '../deploys/approval.ts';

export const define = (command: Command, context: CommandContext): void =>
  addVerdict(command, context, {
    decision: 'rejected',
    description:
      'Keeps a deploy from the revision that it waits for an approval of; the next one asks again.',
    example: 'landfall reject live --reason "breaks the login" --store ./store',
  });
