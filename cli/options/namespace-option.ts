import type { Command } from 'commander';
import { LandfallError } from '../../shared/errors.ts';
import { isName } from '../../shared/model/ids.ts';

export interface NamespaceOptions {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
}

export const addNamespaceOption = (command: Command): Command =>
  command
    .option(
      '-n, --namespace <namespace>',
      'only of this namespace; also of a source that is named without one',
    )
    .option('-A, --all-namespaces', 'of all namespaces, as without -n');

/** Undefined: all. @throws LandfallError USAGE */
export function namespaceOf({ namespace, allNamespaces }: NamespaceOptions): string | undefined {
  if (namespace === undefined) return undefined;
  if (allNamespaces === true)
    throw new LandfallError('USAGE', `-A is for all namespaces, -n ${JSON.stringify(namespace)} for one`, {
      hint: 'Leave one of them out.',
    });
  if (isName(namespace)) return namespace;
  throw new LandfallError('USAGE', `-n ${JSON.stringify(namespace)} is no namespace`, {
    hint: 'A namespace is what stands before the "/" of a source: see landfall get sources.',
  });
}
