import { readFile } from 'node:fs/promises';
import { errnoOf, LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { KeyLocation } from './policy.ts';

/** @throws LandfallError CONFIG_UNREADABLE */
export async function readLocation(
  location: KeyLocation,
  { signal }: CallOptions,
): Promise<{ readonly text: string; readonly where: string }> {
  if ('pem' in location) return { text: location.pem, where: 'the document' };
  try {
    const text = await readFile(location.file, { encoding: 'utf8', signal });
    return { text, where: location.file };
  } catch (cause) {
    signal?.throwIfAborted();
    const code = errnoOf(cause) ?? 'failed';
    throw new LandfallError('CONFIG_UNREADABLE', `verify: ${location.file} cannot be read: ${code}`, {
      cause,
      hint: 'Put the file back, or name one that is there; of a document nothing lands until then.',
    });
  }
}
