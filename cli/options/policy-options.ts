import type { Command } from 'commander';

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
