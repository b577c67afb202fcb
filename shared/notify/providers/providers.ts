import { discordProvider } from './discord.ts';
import { emailProvider } from './email.ts';
import { giteaProvider } from './gitea.ts';
import { githubProvider } from './github.ts';
import { gitlabProvider } from './gitlab.ts';
import { googleChatProvider } from './google-chat.ts';
import { pagerdutyProvider } from './pagerduty.ts';
import type { Provider } from './provider.ts';
import { slackProvider } from './slack.ts';
import { snsProvider } from './sns.ts';
import { teamsProvider } from './teams.ts';
import { webhookProvider } from './webhook.ts';

/** Every place that notifications can be sent to. */
export const PROVIDERS: readonly Provider[] = [
  ...[discordProvider, emailProvider, giteaProvider, githubProvider, gitlabProvider, googleChatProvider],
  ...[pagerdutyProvider, slackProvider, snsProvider, teamsProvider, webhookProvider],
];

export const providerOf = (type: string): Provider | undefined =>
  PROVIDERS.find((each) => each.type === type);
