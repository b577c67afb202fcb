import * as z from 'zod/mini';
import type { PushHint } from '../receiver.ts';
import { pushHint } from './push-hint.ts';

/**
 * What Azure's registry tells of a push, in a webhook of its own or as the data of an event. The host in it is
 * whatever the pushing client called the registry.
 * @see https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference
 */
const push = z.object({
  action: z.string(),
  target: z.object({
    repository: z.string(),
    tag: z.nullish(z.string()),
    digest: z.nullish(z.string()),
  }),
});

const ACTIONS: ReadonlySet<string> = new Set(['push', 'chart_push']);

/** Pings and deletes are no pushes. */
export function acrPushHints(told: unknown): readonly PushHint[] {
  const { data } = push.safeParse(told);
  if (data === undefined || !ACTIONS.has(data.action)) return [];
  const { repository, tag, digest } = data.target;
  return [pushHint(repository, tag, digest)];
}
