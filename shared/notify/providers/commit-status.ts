import * as z from 'zod';
import { secret } from '../../credentials/secret-schema.ts';
import { NOTIFY_CONTEXT_CHARACTERS } from '../../limits.ts';
import type { Notification } from '../notification.ts';
import { cut } from './words.ts';

/** The settings of all of them. `repository` is the operator's word: what the artifact says of itself is only compared. */
export const statusSettings = z.object({
  repository: z
    .string()
    .regex(/^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)+$/, { error: 'wanted OWNER/NAME' })
    .meta({ description: 'OWNER/NAME; only artifacts of commits of it are told of' }),
  token: secret.meta({ description: 'That may write commit statuses' }),
  url: z
    .url({ protocol: /^https?$/ })
    .exactOptional()
    .meta({ description: 'Of the API, where it is an own host' }),
  context: z
    .string()
    .min(1)
    .max(NOTIFY_CONTEXT_CHARACTERS)
    .exactOptional()
    .meta({ description: 'Default: landfall/DEPLOY' }),
});

/** What is shown beside a commit. */
export interface CommitStatus {
  readonly commit: string;
  readonly state: 'pending' | 'success' | 'failure';
  readonly context: string;
  readonly description: string;
}

const STATES = { failing: 'failure', well: 'success', pending: 'pending' } as const;

/** undefined: it is of no commit of this repository, or no state of one. */
export function commitStatusOf(
  { facts, state, title }: Notification,
  { repository, context }: { readonly repository: string; readonly context?: string },
  characters: number,
): CommitStatus | undefined {
  const { commit, repository: from, deploy } = facts;
  if (commit === undefined || deploy === undefined || state === 'news') return undefined;
  // A host and OWNER/NAME behind it; an artifact that does not say where it is from is taken at its commit's word.
  if (from !== undefined && !from.toLowerCase().endsWith(`/${repository.toLowerCase()}`)) return undefined;
  return {
    commit,
    state: STATES[state],
    context: context ?? `landfall/${deploy}`,
    description: cut(title, characters),
  };
}

/** The API of a host, without a slash at its end. */
export const apiOf = (url: string): string => url.replace(/\/+$/, '');
