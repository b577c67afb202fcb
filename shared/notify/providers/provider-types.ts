import type * as z from 'zod';
import type { NotifyEntry } from '../notify-entry.ts';
import { statusSettings } from './commit-status.ts';
import { discordSettings } from './discord.ts';
import { emailSettings } from './email.ts';
import { googleChatSettings } from './google-chat.ts';
import { pagerdutySettings } from './pagerduty.ts';
import { slackSettings } from './slack.ts';
import { snsSettings } from './sns.ts';
import { teamsSettings } from './teams.ts';
import { webhookSettings } from './webhook.ts';

/** What a document may say of a provider. */
export interface ProviderType {
  readonly type: string;
  /** Its own fields. */
  readonly settings: z.ZodObject;
  /** Told of by default; absent: what everybody is. */
  readonly events?: NotifyEntry['events'];
  /** It keeps one state for each thing, so that nothing is held back from it. */
  readonly keepsState?: true;
}

/** Of deploys: an artifact knows its commit, and a source that fails has none. */
const STATUS: Omit<ProviderType, 'type'> = {
  settings: statusSettings,
  events: ['Deploy Started', 'Deploy Waiting', 'Deploy Succeeded', 'Deploy Failed'],
  keepsState: true,
};

/** What begins an incident, or ends one. */
const INCIDENTS: NotifyEntry['events'] = [
  ...(['Source Reconcile Failed', 'Source Recovered', 'Deploy Succeeded', 'Deploy Failed'] as const),
];

export const PROVIDER_TYPES: readonly ProviderType[] = [
  { type: 'discord', settings: discordSettings },
  { type: 'email', settings: emailSettings },
  { type: 'gitea', ...STATUS },
  { type: 'github', ...STATUS },
  { type: 'gitlab', ...STATUS },
  { type: 'google-chat', settings: googleChatSettings },
  { type: 'pagerduty', settings: pagerdutySettings, events: INCIDENTS },
  { type: 'slack', settings: slackSettings },
  { type: 'sns', settings: snsSettings },
  { type: 'teams', settings: teamsSettings },
  { type: 'webhook', settings: webhookSettings },
];

export const providerTypeOf = (type: string): ProviderType | undefined =>
  PROVIDER_TYPES.find((each) => each.type === type);
