import { LandfallError } from '../../errors.ts';
import { printableLine } from '../../printable.ts';

/** `path` is where in the pattern: keys, which may hold anything, and indexes. */
export const invalidPattern = (path: readonly (string | number)[], why: string): LandfallError =>
  new LandfallError(
    'CONFIG_INVALID',
    `event pattern at ${printableLine(path.join('.').slice(0, 200)) || 'top'}: ${why}`,
    {
      hint: 'See https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html',
    },
  );

/** A value as it can stand in a message. */
export const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 80);
