import { asLandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { isForeignKey } from '../foreign-keys.ts';
import type { Store } from '../store.ts';
import type { FsckProblem } from './fsck-problem.ts';

/** One more kind of document that the store keeps, whose meaning is its owner's. */
export interface CheckedDocuments {
  readonly prefix: string;
  readonly kind: FsckProblem['kind'];
  /** As a sentence goes on: `a deploy's ledger`. */
  readonly what: string;
  /** @throws LandfallError where it is none */
  readonly parse: (key: string, bytes: Uint8Array) => unknown;
}

async function checkDocument(
  { objects }: Store,
  key: string,
  { kind, what, parse }: CheckedDocuments,
  { signal }: CallOptions,
): Promise<readonly FsckProblem[]> {
  try {
    const stored = await objects.get(key, { signal });
    if (stored !== undefined) parse(key, stored.bytes);
    return [];
  } catch (error) {
    throwIfCancelled('fsck', signal);
    const { message, hint = 'Restore it from a backup.', code } = asLandfallError(error);
    if (code === 'STORE_VERSION') throw error;
    return [{ kind, key, wanted: what, got: message, hint }];
  }
}

/** @throws LandfallError STORE_VERSION, and what listing throws */
export async function checkKeptDocuments(
  store: Store,
  checked: CheckedDocuments,
  options: CallOptions,
): Promise<readonly FsckProblem[]> {
  const problems: FsckProblem[] = [];
  for await (const key of store.objects.list(checked.prefix, options))
    if (!isForeignKey(key)) problems.push(...(await checkDocument(store, key, checked, options)));
  return problems;
}
