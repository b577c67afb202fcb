import type { Command } from 'commander';
import { readHeartbeat } from '../../local/heartbeat.ts';
import { LandfallError } from '../../shared/errors.ts';

export interface PolicyOptions {
  readonly policies: readonly string[];
}

export const addPolicyOption = (command: Command): Command =>
  command.option(
    '--policies <path>',
    'policies of the installation, a file or a folder: what every source has to meet beside its own; repeatable',
    (value: string, before: readonly string[]) => [...before, value],
    [],
  );

/**
 * What works by documents given here works under the policies that serve holds the sources of the store to: left out,
 * they would be loosened by a command that is typed in a hurry.
 * @throws LandfallError USAGE
 */
export async function requirePolicies(root: string, { policies }: PolicyOptions): Promise<void> {
  const held = policies.length > 0 ? [] : ((await readHeartbeat(root))?.policies ?? []);
  if (held.length === 0) return;
  throw new LandfallError(
    'USAGE',
    `serve holds the sources of this store to policies of the installation: ${held.join(', ')}`,
    { hint: 'Give them here, too: --policies FILE' },
  );
}
