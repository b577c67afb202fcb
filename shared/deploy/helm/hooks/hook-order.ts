import type { HooksProgress } from '../helm-progress.ts';
import type { ReleaseHook } from '../release/release.ts';

export type HookEvent = Exclude<HooksProgress['event'], 'helm'>;

/**
 * The hooks of an event in the order in which Helm runs them: by weight, then by name. Pure.
 * @see https://helm.sh/docs/topics/charts_hooks/
 */
export const hooksOf = (hooks: readonly ReleaseHook[], event: HookEvent): readonly ReleaseHook[] =>
  hooks
    .filter(({ events }) => events.includes(event))
    .toSorted((a, b) => a.weight - b.weight || (a.name < b.name ? -1 : Number(a.name > b.name)));

/** Whether it is deleted then; who names no policy has it deleted before it is made anew. */
export const isDeleted = (
  { deletePolicies }: ReleaseHook,
  when: 'before-hook-creation' | 'hook-succeeded' | 'hook-failed',
): boolean => (deletePolicies.length === 0 ? when === 'before-hook-creation' : deletePolicies.includes(when));
