import { discord } from './discord.ts';
import { email } from './email.ts';
import { gitea } from './gitea.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { googleChat } from './google-chat.ts';
import { pagerduty } from './pagerduty.ts';
import type { Provider } from './provider.ts';
import { slack } from './slack.ts';
import { sns } from './sns.ts';
import { teams } from './teams.ts';
import { webhook } from './webhook.ts';

/** Every place that notifications can be sent to. */
export const PROVIDERS: readonly Provider[] = [
  ...[discord, email, gitea, github, gitlab, googleChat, pagerduty, slack, sns, teams, webhook],
];

export const providerOf = (type: string): Provider | undefined =>
  PROVIDERS.find((each) => each.type === type);
