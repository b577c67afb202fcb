import { LandfallError } from '../../errors.ts';
import { postJson } from './answer.ts';
import { apiOf, commitStatusOf, type statusSettings } from './commit-status.ts';
import type { Provider } from './provider.ts';

const DESCRIPTION = 255;
const STATES = { pending: 'running', success: 'success', failure: 'failed' } as const;

/** The state that it has already, told once more. @see https://gitlab.com/gitlab-org/gitlab-foss/-/issues/25807 */
const isTheSame = (error: unknown): boolean =>
  error instanceof LandfallError && /answered 400.*Cannot transition status/s.test(error.message);

/** The status of a commit. @see https://docs.gitlab.com/api/commits/#set-commit-pipeline-status */
export const gitlabProvider: Provider<typeof statusSettings> = {
  type: 'gitlab',
  send: async (notification, { repository, token, url = 'https://gitlab.com', context }, deps) => {
    const wanted = { repository, ...(context !== undefined && { context }) };
    const status = commitStatusOf(notification, wanted, DESCRIPTION);
    if (status === undefined) return;
    const { commit, state, context: name, description } = status;
    const headers = { 'private-token': await deps.secret(token) };
    const address = `${apiOf(url)}/api/v4/projects/${encodeURIComponent(repository)}/statuses/${commit}`;
    try {
      await postJson(
        'gitlab',
        { url: address, headers, body: { state: STATES[state], name, description } },
        deps,
      );
    } catch (error) {
      if (!isTheSame(error)) throw error;
    }
  },
};
