import { createHash } from 'node:crypto';
import type { LedgerId } from './ledger.ts';

interface RunParts {
  /** Of the store: two of them may have a deploy of one name. */
  readonly bucket: string;
  /** Whose run it is, and since when the ledger is. */
  readonly id: LedgerId & { readonly born: string | null };
  readonly generation: number;
  readonly attempt: number;
  /** Of a replay. */
  readonly token: string | undefined;
  /** Of the deploy's document: what is asked for under another one is another thing. */
  readonly spec: string | undefined;
}

const HEX_DIGITS = 24;

/**
 * Stands for one run, 33 characters: the same where the run is taken up again after a crash, another after a failure, a
 * replay or a change of the document. AWS takes it for a ClientToken and for names.
 */
export function runIdOf({ bucket, id, generation, attempt, token = '', spec = '' }: RunParts): string {
  const { deploy, namespace, name, born } = id;
  const life = born === null ? [] : [born];
  const parts = [bucket, deploy, namespace, name, generation, attempt, token, spec, ...life];
  const hash = createHash('sha256').update(parts.join('\n')).digest('hex');
  return `landfall-${hash.slice(0, HEX_DIGITS)}`;
}
