import * as z from 'zod/mini';
import { type DefinedDeploy, type DeployDefinition, defineDeploy } from '../kit/define-deploy.ts';
import type { StepResult } from '../kit/step-result.ts';
import type { Committed } from './git-commit.ts';
import { gitPermissions } from './git-permissions.ts';
import type { SendGit } from './git-send.ts';
import { type GitSettings, gitSettings } from './git-settings.ts';

/** The commit that the branch had then; null: it had none. */
const result = z.object({ commit: z.nullable(z.string()) });
type GitResult = z.infer<typeof result>;

/** Who speaks Git is loaded by who deploys into a repository. */
const commits = () => import('./git-commit.ts');

const byDefault: SendGit = async (request, options) =>
  (await import('./git-send.ts')).sendGit(request, options);

function succeeded({ commit, changes }: Committed): StepResult<never, GitResult> {
  const message = changes === 0 ? 'the branch has these files already' : `commit ${commit?.slice(0, 12)}`;
  return { state: 'succeeded', result: { commit }, message };
}

/** Commits the artifact's files to a branch of a Git repository, one commit a revision, and none where nothing differs. */
export const gitDeploy = ({
  send = byDefault,
}: {
  /** One request over HTTP. */
  readonly send?: SendGit;
} = {}): DeployDefinition<GitSettings, never, GitResult> & DefinedDeploy =>
  defineDeploy<GitSettings, never, GitResult>({
    kind: 'git',
    settings: gitSettings,
    result,
    permissions: gitPermissions,
    plan: async (context) => (await commits()).planCommit(context, send),
    step: async (context) => succeeded(await (await commits()).commitFiles(context, send)),
    remove: async (context) => succeeded(await (await commits()).removeFiles(context, send)),
  });
