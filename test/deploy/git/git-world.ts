import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { gitDeploy } from '../../../shared/deploy/git/git-deploy.ts';
import type { SendGit } from '../../../shared/deploy/git/git-send.ts';
import { type GitSettings, gitSettings } from '../../../shared/deploy/git/git-settings.ts';
import type { DeployContext } from '../../../shared/deploy/kit/deploy-context.ts';
import type { LandfallError } from '../../../shared/errors.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { kindContext } from '../../support/deploys/kind-context.ts';
import { type GitServer, gitServerFor } from './git-server.ts';

export const AUTHOR = { name: 'Landfall', email: 'landfall@example.org' };

/** What a call that fails throws. */
export const failed = async (work: Promise<unknown>): Promise<LandfallError> => {
  // In a list, as a promise that is thrown would be waited for.
  const [error] = await work.then(
    () => assert.fail('it succeeded'),
    (thrown: unknown) => [thrown],
  );
  return error as LandfallError;
};

type Files = Readonly<Record<string, Uint8Array | string>>;

interface Run {
  readonly settings?: Partial<GitSettings>;
  readonly signal?: AbortSignal;
  readonly run?: number;
}

type Context = DeployContext<GitSettings, { readonly commit: string | null }>;

/** A repository, and deploys into its folder `apps/web`. */
export async function openGit(
  t: TestContext,
  options: Parameters<typeof gitServerFor>[1] & { readonly send?: SendGit } = {},
) {
  const server: GitServer = await gitServerFor(t, options);
  const log: string[] = [];
  const clock = new SleepingClock();
  const kind = gitDeploy(options.send === undefined ? {} : { send: options.send });
  const settingsOf = (changes: Partial<GitSettings> = {}): GitSettings =>
    gitSettings.parse({
      ...{ url: server.url, branch: 'main', to: 'apps/web', author: AUTHOR, plainHttp: true },
      ...changes,
    });
  const contextOf = (files: Files, { settings = {}, ...rest }: Run = {}): Context => ({
    ...kindContext<GitSettings, { readonly commit: string | null }>({
      ...{ kind: 'git', files, log, clock, settings: settingsOf(settings) },
      aws: accessAt('http://127.0.0.1:1', clock),
      ...rest,
    }),
    secret: async (where) => ('value' in where ? where.value : ''),
  });
  return {
    ...{ server, log, kind, settingsOf, contextOf },
    step: (files: Files, run?: Run) => kind.step(contextOf(files, run)),
    plan: (files: Files, run?: Run) => kind.plan(contextOf(files, run)),
    remove: (run?: Run) => kind.remove?.(contextOf({}, run), null),
  };
}
