import { postJson } from './answer.ts';
import { apiOf, commitStatusOf, type statusSettings } from './commit-status.ts';
import type { Provider } from './provider.ts';

const DESCRIPTION = 140;

/** The status of the commit that an artifact was made of. @see https://docs.github.com/en/rest/commits/statuses */
export const githubProvider: Provider<typeof statusSettings> = {
  type: 'github',
  send: async (notification, { repository, token, url = 'https://api.github.com', context }, deps) => {
    const wanted = { repository, ...(context !== undefined && { context }) };
    const status = commitStatusOf(notification, wanted, DESCRIPTION);
    if (status === undefined) return;
    const { commit, ...body } = status;
    const headers = {
      authorization: `Bearer ${await deps.secret(token)}`,
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'landfall',
    };
    const address = `${apiOf(url)}/repos/${repository}/statuses/${commit}`;
    await postJson('github', { url: address, headers, body }, deps);
  },
};
