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

/**
 * Whether it is deleted then; who names no policy has it deleted before it is made anew. A definition never is: all objects of
 * it would go along.
 * @see https://github.com/helm/helm/blob/main/pkg/action/hooks.go deleteHookByPolicy
 */
export const isDeleted = (
  { deletePolicies, shown }: ReleaseHook,
  when: 'before-hook-creation' | 'hook-succeeded' | 'hook-failed',
): boolean =>
  !shown.startsWith('CustomResourceDefinition/') &&
  (deletePolicies.length === 0 ? when === 'before-hook-creation' : deletePolicies.includes(when));
