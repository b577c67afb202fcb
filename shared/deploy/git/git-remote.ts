import type { PromiseFsClient } from 'isomorphic-git';
import { knownSecrets } from '../../credentials/known-secrets.ts';
import type { RemoveContext } from '../kit/deploy-context.ts';
import { deployFailed } from '../kit/failures.ts';
import { addRemote, fetch, init, push, readCommit, writeCommit, writeRef } from './git-client.ts';
import { gitCode, pushFault, readable } from './git-errors.ts';
import { type GitHttp, gitHttp } from './git-http.ts';
import type { SendGit } from './git-send.ts';
import type { GitSettings } from './git-settings.ts';
import { memoryFiles } from './memory-files.ts';

const GITDIR = '/repository.git';
const OURS = 'refs/heads/landfall';

/** A repository in memory, as the library takes it. */
export interface LocalRepository {
  readonly fs: PromiseFsClient;
  readonly gitdir: string;
  readonly cache: object;
}

/** The newest commit of the branch, without those before it. */
export interface Tip {
  readonly repository: LocalRepository;
  /** Null: there is none, and the branch is to be made. */
  readonly commit: string | null;
  readonly tree: string | null;
}

type Context = Pick<RemoveContext<GitSettings>, 'deploy' | 'settings' | 'secret' | 'signal' | 'clock'>;

/** What is read of a repository elsewhere, and pushed to it. */
export interface GitRemote {
  /** Undefined: there is no such branch, and none is to be made. */
  readonly tip: () => Promise<Tip | undefined>;
  /**
   * Commits a tree on what was the newest, and pushes that without force.
   * @returns the name of the commit; undefined where somebody else has pushed meanwhile
   * @throws LandfallError DEPLOY_FAILED where it is refused there
   */
  readonly push: (tip: Tip, tree: string, message: string) => Promise<string | undefined>;
}

async function authorizationOf({ settings, secret }: Context): Promise<string | undefined> {
  const { username = 'git', password } = settings;
  if (password === undefined) return undefined;
  const user = typeof username === 'string' ? username : await secret(username);
  const credential = { kind: 'basic', username: user, password: await secret(password) } as const;
  knownSecrets.noteCredential(credential);
  return `Basic ${Buffer.from(`${user}:${credential.password}`).toString('base64')}`;
}

async function fetchTip(context: Context, http: GitHttp): Promise<Tip | undefined> {
  const { settings } = context;
  const { url, branch, create } = settings;
  const repository = { fs: memoryFiles(), gitdir: GITDIR, cache: {} };
  await init({ ...repository, bare: true, defaultBranch: 'landfall' });
  await addRemote({ ...repository, remote: 'origin', url });
  const fetched = async (ref: string): Promise<string | null | undefined> => {
    try {
      const of = { url, ref, remoteRef: ref, remote: 'origin', singleBranch: true, depth: 1, tags: false };
      return (await fetch({ ...repository, ...of, http: http.client })).fetchHead;
    } catch (error) {
      if (gitCode(error) === 'NotFoundError') return undefined;
      throw error;
    }
  };
  const newest = await fetched(`refs/heads/${branch}`);
  if (typeof newest !== 'string' && !create) return undefined;
  // Null: no branch is there at all.
  const commit = newest === undefined ? ((await fetched('HEAD')) ?? null) : newest;
  if (commit === null) return { repository, commit, tree: null };
  const { commit: read } = await readCommit({ ...repository, oid: commit });
  return { repository, commit, tree: read.tree };
}

async function pushCommit(
  context: Context,
  http: GitHttp,
  {
    tip: { repository, commit },
    tree,
    message,
  }: { readonly tip: Tip; readonly tree: string; readonly message: string },
): Promise<string | undefined> {
  const { settings, clock, deploy } = context;
  const { url, branch, author } = settings;
  const person = { ...author, timestamp: Math.floor(clock.now() / 1000), timezoneOffset: 0 };
  const parent = commit === null ? [] : [commit];
  const made = { message, tree, parent, author: person, committer: person };
  const oid = await writeCommit({ ...repository, commit: made });
  await writeRef({ ...repository, ref: OURS, value: oid, force: true });
  try {
    const to = { url, ref: OURS, remoteRef: `refs/heads/${branch}`, remote: 'origin', force: false };
    await push({ ...repository, ...to, http: http.client });
    return oid;
  } catch (error) {
    const fault = pushFault(error, { deploy: deploy.name, branch, said: http.said() });
    if (fault !== undefined) throw fault;
    return undefined;
  }
}

/** A repository elsewhere, with the credential of the document. */
export async function openRemote(context: Context, send: SendGit): Promise<GitRemote> {
  const { deploy, settings, signal } = context;
  if (settings.url.startsWith('http:') && !settings.plainHttp)
    throw deployFailed(
      `deploy ${deploy.name}: ${new URL(settings.url).origin} is http, which anybody on the way reads`,
      {
        hint: 'Use https, or say `plainHttp: true`.',
      },
    );
  const authorization = await authorizationOf(context);
  const http = gitHttp({ deploy: deploy.name, settings, signal, authorization, send });
  return {
    tip: () => readable(deploy.name, fetchTip(context, http)),
    push: (tip, tree, message) => pushCommit(context, http, { tip, tree, message }),
  };
}
