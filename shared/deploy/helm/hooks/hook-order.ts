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

/** All objects of it are deleted with it. */
export const isDefinition = ({ shown }: ReleaseHook): boolean =>
  shown.startsWith('CustomResourceDefinition/');

/**
 * Whether it is deleted then; who names no policy has it deleted before it is made anew. A definition never is: all objects of
 * it would go along.
 * @see https://github.com/helm/helm/blob/main/pkg/action/hooks.go deleteHookByPolicy
 */
export const isDeleted = (
  hook: ReleaseHook,
  when: 'before-hook-creation' | 'hook-succeeded' | 'hook-failed',
): boolean =>
  !isDefinition(hook) &&
  (hook.deletePolicies.length === 0 ? when === 'before-hook-creation' : hook.deletePolicies.includes(when));
