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

/** Settings are what the schema of the same type has made of them. */
type AnyProvider = Omit<Provider, 'send'> & {
  readonly send: (
    notification: Parameters<Provider['send']>[0],
    settings: never,
    deps: Parameters<Provider['send']>[2],
  ) => Promise<void>;
};

/** Every place that notifications can be sent to. */
const PROVIDERS: readonly AnyProvider[] = [
  ...[discordProvider, emailProvider, giteaProvider, githubProvider, gitlabProvider, googleChatProvider],
  ...[pagerdutyProvider, slackProvider, snsProvider, teamsProvider, webhookProvider],
];

export const providerOf = (type: string): AnyProvider | undefined =>
  PROVIDERS.find((each) => each.type === type);
