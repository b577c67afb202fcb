import { notifyRefused, postJson } from './answer.ts';
import { apiOf, commitStatusOf, type statusSettings } from './commit-status.ts';
import type { Provider } from './provider.ts';

const DESCRIPTION = 255;

/** The status of a commit at Gitea or Forgejo. @see https://docs.gitea.com/api/#tag/repository/operation/repoCreateStatus */
export const giteaProvider: Provider<typeof statusSettings> = {
  type: 'gitea',
  send: async (notification, { repository, token, url, context }, deps) => {
    if (url === undefined) throw notifyRefused('gitea: there is no url', 'Give the address of the host.');
    const wanted = { repository, ...(context !== undefined && { context }) };
    const status = commitStatusOf(notification, wanted, DESCRIPTION);
    if (status === undefined) return;
    const { commit, ...body } = status;
    const headers = { authorization: `token ${await deps.secret(token)}` };
    const address = `${apiOf(url)}/api/v1/repos/${repository}/statuses/${commit}`;
    await postJson('gitea', { url: address, headers, body }, deps);
  },
};
