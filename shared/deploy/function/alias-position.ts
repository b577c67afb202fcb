import type { AliasProgress } from './function-progress.ts';
import type { FunctionSettings } from './function-settings.ts';
import type { AliasView } from './lambda.ts';

/** Where an alias stands, or is to. */
export type AliasPosition = Pick<AliasView, 'version' | 'weights'>;

/** At a step of `shift`; past the last one it is moved. */
export function positionAt(
  { shift }: Pick<FunctionSettings, 'shift'>,
  { version, from }: Pick<AliasProgress, 'version' | 'from'>,
  at: number,
): AliasPosition {
  const step = shift[at];
  if (step === undefined || from === null) return { version, weights: {} };
  return { version: from, weights: { [version]: step.weight / 100 } };
}

/** Lambda keeps weights as floating point; a version that has none has nothing. */
const isSame = (a: number | undefined, b: number): boolean => a !== undefined && Math.abs(a - b) < 1e-6;

export const isAt = (alias: AliasPosition, { version, weights }: AliasPosition): boolean =>
  alias.version === version &&
  Object.keys(alias.weights).length === Object.keys(weights).length &&
  Object.entries(weights).every(([other, weight]) => isSame(alias.weights[other], weight));
