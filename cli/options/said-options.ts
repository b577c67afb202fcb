import { hostname, userInfo } from 'node:os';
import type { Command } from 'commander';
import type { SaidByPerson } from '../../shared/event/suspension-events.ts';

export interface SaidOptions {
  readonly reason?: string;
  readonly by: string;
}

/** As this machine knows who types. */
function whoAmI(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container whose user has no name.
    return `${process.getuid?.() ?? 'somebody'}@${hostname()}`;
  }
}

/** Who does it and why. */
export const addSaidOptions = (command: Command, keptIn = 'status'): Command =>
  command
    .option('--reason <text>', `why, kept in the ${keptIn} and told in the event`)
    .option('--by <who>', 'who decides, where this machine does not know', whoAmI());

export const saidIn = ({ by, reason }: SaidOptions): SaidByPerson => ({
  who: by,
  ...(reason !== undefined && { reason }),
});
