import { GIT_COMMIT_BYTES, GIT_FILE_BYTES, GIT_PUSHES } from '../../limits.ts';
import { formatSourceId } from '../../model/ids.ts';
import type { DeployContext, RemoveContext } from '../kit/deploy-context.ts';
import { deployFailed, deployUnavailable } from '../kit/failures.ts';
import type { DeployPlan } from '../kit/plan.ts';
import { commitMessage, type MessageFacts, summaryOf } from './commit-message.ts';
import { type ChangedTree, changedTree, placeOf, type WantedFile, writeTreeOf } from './file-changes.ts';
import { writeBlob } from './git-client.ts';
import { readable } from './git-errors.ts';
import { openRemote, type Tip } from './git-remote.ts';
import type { SendGit } from './git-send.ts';
import type { GitSettings } from './git-settings.ts';
import { below } from './repository-path.ts';
import { wantedFiles } from './wanted-files.ts';

/** What came of it: the commit that was made, or that the branch had already; null where it has none. */
export interface Committed {
  readonly commit: string | null;
  readonly changes: number;
}

type Context<Result> = DeployContext<GitSettings, Result>;

const noBranch = ({ deploy, settings }: Pick<Context<unknown>, 'deploy' | 'settings'>) =>
  deployFailed(`deploy ${deploy.name}: the repository has no branch ${settings.branch}`, {
    hint: 'Check `branch`; with `create: true` it is made of the default branch.',
  });

/** Says what a commit would change; nothing is pushed. */
export async function planCommit<Result>(context: Context<Result>, send: SendGit): Promise<DeployPlan> {
  const { settings } = context;
  const wanted = await wantedFiles(context);
  const tip = await (await openRemote(context, send)).tip();
  if (tip === undefined) throw noBranch(context);
  const { changes } = await readable(context.deploy.name, changedTree(tip, wanted, context));
  return {
    changes: changes.map(({ action, path }) => ({ action, what: below(settings.to, path) })),
    summary: `${summaryOf(changes)}: ${placeOf(settings)}`,
  };
}

/** Of what is new or other: its bytes. */
async function writeBlobs<Result>(
  { artifact, deploy }: Context<Result>,
  { changes }: ChangedTree,
  { repository }: Tip,
): Promise<void> {
  let size = 0;
  for (const { action, path } of changes) {
    if (action === 'delete') continue;
    const blob = await artifact.read(path, GIT_FILE_BYTES);
    size += blob.byteLength;
    if (size > GIT_COMMIT_BYTES)
      throw deployFailed(
        `deploy ${deploy.name}: one commit would have more than ${GIT_COMMIT_BYTES} bytes of files`,
        {
          hint: 'Deploy a folder of the artifact, by `path`.',
        },
      );
    await writeBlob({ ...repository, blob });
  }
}

interface Commit<Result> {
  readonly context: RemoveContext<GitSettings, Result>;
  readonly send: SendGit;
  readonly wanted: readonly WantedFile[];
  readonly write: (changed: ChangedTree, tip: Tip) => Promise<void>;
  readonly message: (changed: ChangedTree) => string;
}

/** Commits until nobody was faster. Undefined: there is no branch. */
async function commitOn<Result>({
  context,
  send,
  wanted,
  write,
  message,
}: Commit<Result>): Promise<Committed | undefined> {
  const { deploy, settings, log } = context;
  const remote = await openRemote(context, send);
  for (let pushes = 0; pushes < GIT_PUSHES; pushes += 1) {
    const tip = await remote.tip();
    if (tip === undefined) return undefined;
    const changed = await readable(deploy.name, changedTree(tip, wanted, context));
    const changes = changed.changes.length;
    if (changes === 0) return { commit: tip.commit, changes };
    await write(changed, tip);
    const tree = await readable(deploy.name, writeTreeOf(changed, tip, context));
    const commit = await remote.push(tip, tree, message(changed));
    if (commit !== undefined) {
      log(`${commit}: ${summaryOf(changed.changes)} in ${placeOf(settings)}`);
      return { commit, changes };
    }
    log(`somebody else has pushed to branch ${settings.branch} meanwhile: it is fetched again`);
  }
  throw deployUnavailable(
    `deploy ${deploy.name}: somebody else pushed to branch ${settings.branch} before each of ${GIT_PUSHES} pushes`,
    { hint: 'It is tried again by itself; give it a branch or a repository of its own where that goes on.' },
  );
}

/** Commits and pushes what differs from the branch; nothing where nothing does. */
export async function commitFiles<Result>(context: Context<Result>, send: SendGit): Promise<Committed> {
  const { deploy, settings, revision, artifact } = context;
  const wanted = await wantedFiles(context);
  const before = artifact.record.composition === undefined ? null : await context.artifactBefore();
  const facts: Omit<MessageFacts, 'changes'> = {
    deploy: deploy.name,
    source: formatSourceId(deploy.source),
    revision: revision.revision,
    tag: revision.tag,
    digest: revision.digest,
    generation: revision.generation,
    composition: artifact.record.composition,
    compositionBefore: before?.record.composition,
  };
  const committed = await commitOn({
    context,
    send,
    wanted,
    write: (changed, tip) => writeBlobs(context, changed, tip),
    message: ({ changes }) => commitMessage(settings, { ...facts, changes }),
  });
  if (committed === undefined) throw noBranch(context);
  return committed;
}

/** Commits that the files which this deploy wrote are gone. Where there is no branch any more, nothing is. */
export async function removeFiles<Result>(
  context: RemoveContext<GitSettings, Result>,
  send: SendGit,
): Promise<Committed> {
  const { deploy, settings } = context;
  const subject = `Remove what deploy ${deploy.name} of ${formatSourceId(deploy.source)} has written`;
  const committed = await commitOn({
    send,
    wanted: [],
    write: async () => undefined,
    context: { ...context, settings: { ...settings, create: false } },
    message: () =>
      commitMessage(
        { ...settings, message: subject },
        emptyFacts(deploy.name, formatSourceId(deploy.source)),
      ),
  });
  return committed ?? { commit: null, changes: 0 };
}

/** Of no revision: the deploy has gone. */
const emptyFacts = (deploy: string, source: string): MessageFacts => ({
  deploy,
  source,
  revision: '',
  tag: null,
  digest: '',
  generation: 0,
  changes: [],
});
