import type { PlacedDeploy } from '../facts/snapshot.ts';

const FINE: readonly string[] = ['Succeeded', 'Running', 'Waiting'];

/** Whether what a deploy has applied is what is current, in words. */
export function behindText({
  stands,
  applied,
  behind,
}: Pick<PlacedDeploy, 'stands' | 'applied' | 'behind'>): string {
  const state = FINE.includes(stands.state) ? [] : [stands.state];
  if (applied === null) return [...state, 'nothing applied'].join(', ');
  if (behind === null) return [...state, `generation ${applied.generation}`].join(', ');
  return [...state, behind === 0 ? 'current' : `${behind} behind`].join(', ');
}
